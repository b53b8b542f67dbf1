import assert from "node:assert/strict";
import { commands, type DocumentLink, type DocumentSymbol, type FoldingRange, type Hover, languages, MarkdownString, Position, Range, window, workspace, type TextDocument } from "vscode";
import { eventually } from "../support/eventually";
import { arm64Oops } from "../support/stackTexts";
import { connectedServices } from "./connectedServices";

/** The words of hovers at a place, from all providers. */
async function hoverAt(document: TextDocument, line: number, character: number): Promise<string> {
  const hovers = await commands.executeCommand<Hover[]>("vscode.executeHoverProvider", document.uri, new Position(line, character));
  return hovers.flatMap(({ contents }) => contents.map((content) => (content instanceof MarkdownString ? content.value : ""))).join("\n");
}

const links = (document: TextDocument, resolved = 0): Thenable<DocumentLink[]> => commands.executeCommand<DocumentLink[]>("vscode.executeLinkProvider", document.uri, resolved);

describe("kernel stacks in any text", () => {
  it("a text that comes to hold an oops gets links, an outline, folding and marks", async () => {
    await connectedServices();
    const document = await workspace.openTextDocument({ language: "plaintext", content: "" });
    const editor = await window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new Position(0, 0), arm64Oops));
    const found = await eventually(async () => {
      const list = await links(document);
      assert.equal(list.length, 8);
      return list;
    }, 40_000);
    assert.equal(document.getText(found[0]?.range), "tcp_v4_rcv+0x8c4/0xd20");
    const [first] = await links(document, 9);
    assert.match(first?.target?.toString() ?? "", /^command:knetscope\.openFrame\?/);
    const symbols = await commands.executeCommand<DocumentSymbol[]>("vscode.executeDocumentSymbolProvider", document.uri);
    assert.deepEqual(symbols.map(({ name, children }) => `${name} ${children.length}`), ["tcp_v4_rcv+0x8c4/0xd20 8"]);
    const folds = await commands.executeCommand<FoldingRange[]>("vscode.executeFoldingRangeProvider", document.uri);
    assert.deepEqual(folds.map(({ start, end }) => [start, end]), [[8, 20]]);
    assert.match(await hoverAt(document, 14, 20), /The text is of kernel 6\.6\.31/);
    await eventually(() => assert.ok(languages.getDiagnostics(document.uri).some(({ code }) => code === "wrong-build")));
  });

  it("a link of another kernel's frame opens nothing", async () => {
    const document = window.activeTextEditor?.document;
    assert.ok(document);
    const [link] = await links(document, 9);
    const [argument] = JSON.parse(decodeURIComponent(link?.target?.toString().split("?")[1] ?? "[]")) as unknown[];
    assert.ok(argument);
    await commands.executeCommand("knetscope.openFrame", argument);
    assert.equal(window.activeTextEditor?.document, document);
  });

  it("a source file is left alone", async () => {
    const document = await workspace.openTextDocument({ language: "c", content: `/* ${arm64Oops} */` });
    await window.showTextDocument(document);
    assert.deepEqual(await links(document), []);
    assert.equal(document.validateRange(new Range(0, 0, 1, 0)).isEmpty, false);
  });
});
