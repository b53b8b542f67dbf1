import { promises } from "node:fs";
import { DomainError } from "../base/errors";

/** A file's text, or all of standard input for undefined and `-`. */
export async function readInput(file: string | undefined): Promise<string> {
  if (file !== undefined && file !== "-") {
    return promises.readFile(file, "utf8").catch((error: unknown) => {
      throw new DomainError("cli/unreadable-file", error instanceof Error ? error.message : String(error), file);
    });
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
