import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Uri, window, workspace } from "vscode";
import { withProgress } from "../async/withProgress";

/** Asks where, and writes the pieces there as they come. Elsewhere than on a disk of this machine a file is written whole: the editor has no other way. */
export async function saveExport(name: string, pieces: (signal: AbortSignal) => AsyncIterable<string>): Promise<boolean> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const target = await window.showSaveDialog({ title: "Export Sockets", ...(folder ? { defaultUri: Uri.joinPath(folder, name) } : {}) });
  if (!target) return false;
  await withProgress(`Writing ${name}`, async (signal) => {
    if (target.scheme === "file") await pipeline(Readable.from(pieces(signal)), createWriteStream(target.fsPath), { signal });
    else await workspace.fs.writeFile(target, await whole(pieces(signal)));
  });
  return true;
}

async function whole(pieces: AsyncIterable<string>): Promise<Uint8Array> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(Buffer.from(piece));
  return Buffer.concat(all);
}
