import { type TextDocument, Uri, window, workspace } from "vscode";
import { DomainError } from "../../base/errors";

/** The program a command is about: that of its argument, else the one in the editor. */
export async function chooseProgram(argument: unknown): Promise<TextDocument> {
  const uri = argument instanceof Uri ? argument : typeof argument === "string" ? Uri.parse(argument) : undefined;
  const document = uri ? await workspace.openTextDocument(uri) : window.activeTextEditor?.document;
  if (document?.languageId !== "bpftrace") throw new DomainError("bpf/no-program", "there is no bpftrace program in the editor");
  return document;
}

/** `resets.bt`, or what an unsaved text is called. */
export const programTitle = ({ uri }: TextDocument): string => uri.path.split("/").at(-1) ?? uri.path;
