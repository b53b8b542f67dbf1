import assert from "node:assert/strict";
import { commands, type CodeLens, type CompletionList, type DocumentSymbol, languages, Position, Range, window, workspace, type TextDocument, type WorkspaceEdit } from "vscode";
import { eventually } from "../support/eventually";

const program = "kprobe:tcp_close {\n\t$sk = (struct sock *)arg0;\n\t@n[$sk] = count();\n\tprinf(\"%d\\n\", @n[$sk]);\n}\n";

/** A program in the editor, with no host connected for it. */
describe("bpftrace programs", () => {
  let document: TextDocument;

  before(async () => {
    document = await workspace.openTextDocument({ language: "bpftrace", content: program });
    await window.showTextDocument(document);
  });

  it("have an outline, lenses and completion", async () => {
    await eventually(async () => {
      const symbols = await commands.executeCommand<DocumentSymbol[] | undefined>("vscode.executeDocumentSymbolProvider", document.uri);
      assert.match(symbols?.[0]?.name ?? "", /kprobe:tcp_close/);
    }, 60_000);
    const lenses = await commands.executeCommand<CodeLens[]>("vscode.executeCodeLensProvider", document.uri);
    assert.deepEqual(lenses.map(({ command }) => command?.command), ["knetscope.runBpftrace", "knetscope.checkBpftrace"]);
    const { items } = await commands.executeCommand<CompletionList>("vscode.executeCompletionItemProvider", document.uri, new Position(2, 1));
    assert.ok(items.some(({ label }) => label === "@n"));
  });

  it("have a wrong name underlined, and the right one offered", async () => {
    const found = await eventually(() => {
      const [diagnostic] = languages.getDiagnostics(document.uri).filter(({ code }) => code === "unknown-name");
      assert.ok(diagnostic);
      return diagnostic;
    }, 30_000);
    assert.equal(document.getText(found.range), "prinf");
    const actions = await commands.executeCommand<{ readonly title: string }[]>("vscode.executeCodeActionProvider", document.uri, found.range);
    assert.ok(actions.some(({ title }) => title === "Change to “printf”"), actions.map(({ title }) => title).join());
  });

  it("have their maps renamed everywhere", async () => {
    const edit = await commands.executeCommand<WorkspaceEdit>("vscode.executeDocumentRenameProvider", document.uri, new Position(2, 2), "seen");
    assert.deepEqual(edit.get(document.uri).map(({ range, newText }) => [document.getText(range), newText]), [["n", "seen"], ["n", "seen"]]);
    assert.equal(document.validateRange(new Range(0, 0, 1, 0)).isEmpty, false);
  });
});
