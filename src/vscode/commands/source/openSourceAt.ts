import { commands, Range, type TextDocumentShowOptions, type Uri, window } from "vscode";
import type { SourcePlace } from "../../../stacks/stack";
import { withProgress } from "../../async/withProgress";
import { connectWithProgress } from "../../hosts/connectWithProgress";
import type { Services } from "../../services";
import { parseSourcePath, sourceTitle } from "../../sources/sourceUri";
import { rowSubject } from "../../views/rowSubject";

/** Opens the source of the exact build at a line: from a row, or as `(host, place)` from links. */
export async function openSourceAt(services: Services, argument?: unknown, linked?: unknown): Promise<void> {
  const subject = rowSubject(argument);
  if (subject?.kind === "source") await openPlace(services, subject.host, subject.place);
  else if (typeof argument === "string" && isPlace(linked)) await openPlace(services, argument, linked);
}

export async function openPlace(services: Services, name: string, place: SourcePlace): Promise<void> {
  if (!services.hosts.host(name)) await connectWithProgress(services, name);
  const uri = services.sources.uriOf(name, place.file);
  const address = parseSourcePath(uri.path);
  // Read before it is shown: a failure then is a sentence with advice and not an empty editor.
  if (!services.sources.peek(uri)) await withProgress(`Reading ${place.file}`, () => services.sources.load(uri));
  const line = place.line - 1;
  const column = (place.column ?? 1) - 1;
  const options: TextDocumentShowOptions = { selection: new Range(line, column, line, column), preview: true };
  await commands.executeCommand("vscode.open", uri, options, address ? sourceTitle(address) : undefined);
  warnOfNearSource(services, uri);
}

/** Source of another release may show the wrong line: said once for each place it was read from. */
function warnOfNearSource(services: Services, uri: Uri): void {
  const warning = services.sources.takeWarning(uri);
  if (warning !== undefined) void window.showWarningMessage(warning);
}

function isPlace(value: unknown): value is SourcePlace {
  return typeof value === "object" && value !== null && "file" in value && typeof value.file === "string" && "line" in value && typeof value.line === "number";
}
