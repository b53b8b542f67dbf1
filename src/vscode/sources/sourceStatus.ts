import { Disposable, languages, LanguageStatusSeverity, window } from "vscode";
import type { SourceDocuments } from "./sourceDocuments";
import { parseSourcePath, sourceScheme } from "./sourceUri";

/** The language status of a source document: which build it is of, where it was read and whether it is exactly that release. */
export function sourceStatus(documents: SourceDocuments): Disposable {
  const item = languages.createLanguageStatusItem("knetscope.source", { scheme: sourceScheme });
  item.name = "Kernel source";
  const update = (): void => {
    const uri = window.activeTextEditor?.document.uri;
    const address = uri?.scheme === sourceScheme ? parseSourcePath(uri.path) : undefined;
    if (!uri || !address) return;
    const source = documents.peek(uri);
    item.text = `${address.build} on ${address.host}`;
    item.detail = source ? `${source.match === "release" ? "exactly this release" : (source.message ?? "the release could not be compared")} · ${source.origin}` : "reading…";
    item.severity = source && source.match !== "release" ? LanguageStatusSeverity.Warning : LanguageStatusSeverity.Information;
  };
  return Disposable.from(item, window.onDidChangeActiveTextEditor(update), documents.onDidLoad(update));
}
