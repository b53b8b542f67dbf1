import { commands, type Disposable, EventEmitter, type TextDocumentContentProvider, Uri, workspace } from "vscode";

const scheme = "knetscope-explain";

/** Explanations as Markdown, shown by the editor's own preview. */
export class ExplanationDocuments implements TextDocumentContentProvider {
  private readonly documents = new Map<string, string>();
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;

  register(): Disposable {
    return workspace.registerTextDocumentContentProvider(scheme, this);
  }

  async show(title: string, markdown: string): Promise<void> {
    const uri = Uri.from({ scheme, path: `/${title.replaceAll("/", "∕")}.md` });
    this.documents.set(uri.toString(), markdown);
    this.changed.fire(uri);
    await commands.executeCommand("markdown.showPreview", uri);
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.documents.get(uri.toString()) ?? "";
  }
}
