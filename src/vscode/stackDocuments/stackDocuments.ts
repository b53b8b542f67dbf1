import {
  DocumentLink, Hover, languages, MarkdownString, Position, Range, type TextDocument, type TextDocumentContentProvider, Uri, window, workspace, Disposable,
} from "vscode";
import { inlineCode } from "../views/markdown";
import type { StackText, TextMark } from "./stackText";

const scheme = "knetscope-stack";

/** Read-only documents of resolved stacks, with links to source lines and hovers. They live as long as the window. */
export class StackDocuments implements TextDocumentContentProvider {
  private readonly documents = new Map<string, { readonly host: string; readonly content: StackText }>();
  private counter = 0;

  register(): Disposable {
    const selector = { scheme };
    return Disposable.from(
      workspace.registerTextDocumentContentProvider(scheme, this),
      languages.registerDocumentLinkProvider(selector, { provideDocumentLinks: (document) => this.links(document) }),
      languages.registerHoverProvider(selector, { provideHover: (document, position) => this.hover(document, position) }),
    );
  }

  async show(host: string, content: StackText): Promise<void> {
    const uri = Uri.from({ scheme, path: `/${host}/stack-${++this.counter}.kstack` });
    this.documents.set(uri.toString(), { host, content });
    const document = await languages.setTextDocumentLanguage(await workspace.openTextDocument(uri), "kernel-stack");
    await window.showTextDocument(document, { preview: false });
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.documents.get(uri.toString())?.content.text ?? "# This stack was resolved in an earlier session. Run “Resolve Kernel Stack” again.\n";
  }

  private links(document: TextDocument): DocumentLink[] {
    const entry = this.documents.get(document.uri.toString());
    return (entry?.content.marks ?? []).flatMap((mark) => {
      if (!mark.place || !entry) return [];
      const args = encodeURIComponent(JSON.stringify([entry.host, mark.place]));
      const link = new DocumentLink(rangeOf(mark), Uri.parse(`command:knetscope.openSourceAt?${args}`));
      link.tooltip = mark.hover;
      return [link];
    });
  }

  private hover(document: TextDocument, position: Position): Hover | undefined {
    const marks = this.documents.get(document.uri.toString())?.content.marks ?? [];
    const mark = marks.find((candidate) => rangeOf(candidate).contains(position));
    if (!mark || mark.place) return undefined;
    return new Hover(new MarkdownString(mark.hover.split("\n").map((line) => `- ${inlineCode(line)}`).join("\n")), rangeOf(mark));
  }
}

const rangeOf = ({ line, start, end }: TextMark): Range => new Range(new Position(line, start), new Position(line, end));
