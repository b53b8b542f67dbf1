import { Disposable, Range, type TextDocument, type TextEditor, window } from "vscode";
import { frameSpan } from "../../stacks/frameSpan";
import { parseStacks } from "../../stacks/parseStacks";

/** In texts with fewer lines the links are there at once. */
const longText = 10_000;
/** Lines read besides those in sight, for stacks that begin or end beyond. */
const around = 96;
/** Milliseconds after which the editor has drawn the links that it was given. */
const drawing = 3000;

/**
 * Underlines the frames in sight of a long text as soon as the text is here. The editor shows links only when it has all of them, its own among them, which for 10 MB
 * takes it seconds; a click leads to the source before, by Go to Definition. Once the links are there, the underlines go.
 */
export class EarlyUnderlines {
  private readonly look = window.createTextEditorDecorationType({ textDecoration: "underline" });
  private readonly linked = new WeakSet<TextDocument>();
  private readonly subscriptions: Disposable;

  constructor(private readonly isOurs: (document: TextDocument) => boolean) {
    this.subscriptions = Disposable.from(
      this.look,
      window.onDidChangeVisibleTextEditors((editors) => editors.forEach((editor) => this.draw(editor))),
      window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.draw(textEditor)),
    );
    window.visibleTextEditors.forEach((editor) => this.draw(editor));
  }

  /** The editor has the links of a document. */
  end(document: TextDocument): void {
    if (this.linked.has(document)) return;
    this.linked.add(document);
    setTimeout(() => window.visibleTextEditors.filter((editor) => editor.document === document).forEach((editor) => editor.setDecorations(this.look, [])), drawing);
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private draw(editor: TextEditor): void {
    const { document } = editor;
    if (document.lineCount < longText || this.linked.has(document) || !this.isOurs(document)) return;
    editor.setDecorations(this.look, editor.visibleRanges.flatMap(({ start, end }) => framesBetween(document, start.line, end.line)));
  }
}

function framesBetween(document: TextDocument, from: number, to: number): readonly Range[] {
  const first = Math.max(0, from - around);
  const { stacks } = parseStacks(document.getText(new Range(first, 0, to + around, 0)));
  return stacks.flatMap(({ frames, lines }) =>
    frames.flatMap((frame, index) => {
      const line = first + (lines[index] ?? 0) - 1;
      const span = line >= from && line <= to ? frameSpan(document.lineAt(line).text, frame) : undefined;
      return span ? [new Range(line, span.start, line, span.end)] : [];
    }),
  );
}
