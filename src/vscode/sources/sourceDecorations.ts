import { type DecorationOptions, Disposable, MarkdownString, OverviewRulerLane, Range, type TextEditor, type TextEditorDecorationType, ThemeColor, window } from "vscode";
import { Throttle } from "../async/throttle";
import type { TraceRegistry } from "../traces/traceRegistry";
import { bullets, escapeMarkdown } from "../views/markdown";
import { eventCount } from "../../collectors/traces/traceWords";
import type { TraceKind } from "../../collectors/traces/traceRequest";
import { type LineHits, hitCounts } from "./hitCounts";
import { buildName, parseSourcePath, sourceScheme } from "./sourceUri";

/** Draws beside each source line how often the shown trace passed it, in documents of the traced host and build. */
export function sourceDecorations(traces: TraceRegistry): Disposable {
  const type = window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new ThemeColor("editor.rangeHighlightBackground"),
    overviewRulerColor: new ThemeColor("charts.orange"),
    overviewRulerLane: OverviewRulerLane.Left,
    after: { margin: "0 0 0 3em", color: new ThemeColor("editorCodeLens.foreground") },
  });
  const throttle = new Throttle(() => window.visibleTextEditors.forEach((editor) => decorate(editor, type, traces)), 500);
  return Disposable.from(type, throttle, traces.onChange(throttle.trigger), window.onDidChangeVisibleTextEditors(throttle.trigger));
}

function decorate(editor: TextEditor, type: TextEditorDecorationType, traces: TraceRegistry): void {
  const { uri } = editor.document;
  if (uri.scheme !== sourceScheme) return;
  const address = parseSourcePath(uri.path);
  const shown = traces.shown;
  const matches = address !== undefined && shown !== undefined && shown.hostName === address.host && buildName(shown.facts) === address.build;
  const hits = matches ? hitCounts(shown.trace.groups(), address.file) : new Map<number, LineHits>();
  const lines = [...hits].filter(([line]) => line <= editor.document.lineCount);
  editor.setDecorations(type, lines.map(([line, entry]) => decoration(editor, line, entry, shown?.trace.request.kind ?? "resets")));
}

function decoration(editor: TextEditor, line: number, { count: amount, causes }: LineHits, kind: TraceKind): DecorationOptions {
  const end = editor.document.lineAt(line - 1).range.end;
  const causeLines = [...causes].sort((a, b) => b[1] - a[1]).map(([title, events]) => `${events}× ${title}`);
  return {
    range: new Range(end, end),
    renderOptions: { after: { contentText: `◂ ${eventCount(kind, amount)}` } },
    hoverMessage: new MarkdownString(`**${escapeMarkdown(eventCount(kind, amount))} passed this line**\n\n${bullets(causeLines)}`),
  };
}
