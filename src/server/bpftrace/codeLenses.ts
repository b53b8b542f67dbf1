import type { CodeLens } from "vscode-languageserver";
import type { ProgramDocument } from "./programDocument";

/** Above the first probe: run it, check it. The commands are the editor's. */
export function codeLenses(document: ProgramDocument): CodeLens[] {
  const probe = document.program.items.find(({ kind }) => kind === "probe");
  if (!probe) return [];
  const range = document.range({ start: probe.start, end: probe.start });
  const { uri } = document.document;
  return [
    { range, command: { title: "$(play) Run on Host", command: "knetscope.runBpftrace", arguments: [uri] } },
    { range, command: { title: "$(check) Check on Host", command: "knetscope.checkBpftrace", arguments: [uri] } },
  ];
}
