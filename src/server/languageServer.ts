/** Wires the protocol to the providers. Each request sees the text and the target as they are at that moment; nothing of it waits for a host, but what asks one. */
import {
  CodeActionKind, ResponseError, TextDocuments, TextDocumentSyncKind, type Connection, type InitializeParams, type InitializeResult, type Range, type TextDocumentPositionParams,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Finding } from "../bpflang/finding";
import { formatProgram } from "../bpflang/formatProgram";
import { nothingKnown, type TargetKnowledge } from "../bpflang/targetKnowledge";
import { checkRequest, targetNotification, type CheckParams, type ServerOptions, type TargetParams } from "../protocol/languageServer";
import { loadTargetKnowledge } from "../session/targetKnowledge";
import { ProgramDocuments, type ProgramDocument } from "./programDocument";
import { codeActions } from "./providers/codeActions";
import { codeLenses } from "./providers/codeLenses";
import { completion } from "./providers/completion";
import { diagnostics } from "./providers/diagnostics";
import { hover } from "./providers/hover";
import { inlayHints } from "./providers/inlayHints";
import { definition, functionAt, highlights, prepareRename, references, rename } from "./providers/navigation";
import { documentSymbols, foldingRanges } from "./providers/outline";
import { semanticTokens, tokenModifiers, tokenTypes } from "./providers/semanticTokens";
import { signatureHelp } from "./providers/signatureHelp";
import { editorHost, learnLocal, localHost, type ServerHost } from "./serverHost";

/** Typing is followed by a look at the whole program once it pauses. Milliseconds. */
const diagnosticsDelay = 150;

const capabilities: InitializeResult["capabilities"] = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  completionProvider: { triggerCharacters: [":", ".", ">", "$", "@", "(", " "] },
  hoverProvider: true,
  signatureHelpProvider: { triggerCharacters: ["(", ","] },
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  renameProvider: { prepareProvider: true },
  documentFormattingProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  codeLensProvider: {},
  inlayHintProvider: true,
  semanticTokensProvider: { legend: { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] }, full: true },
};

export class LanguageServer {
  private readonly documents = new TextDocuments(TextDocument);
  private readonly programs = new ProgramDocuments();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /** What the target's compiler said of a text; it holds for that text alone. */
  private readonly compiled = new Map<string, { readonly text: string; readonly findings: readonly Finding[] }>();
  private knowledge: TargetKnowledge = nothingKnown;
  private host: ServerHost = localHost;

  constructor(private readonly connection: Connection) {
    connection.onInitialize((params) => this.initialize(params));
    connection.onNotification(targetNotification, (params: TargetParams) => this.setTarget(params));
    connection.onRequest(checkRequest, ({ uri }: CheckParams) => this.compile(uri));
    this.registerProviders();
    this.documents.onDidChangeContent(({ document }) => this.diagnoseSoon(document.uri));
    this.documents.onDidSave(({ document }) => void this.compile(document.uri).catch(() => undefined));
    this.documents.onDidClose(({ document }) => this.forget(document.uri));
    this.documents.listen(connection);
  }

  private initialize({ initializationOptions }: InitializeParams): InitializeResult {
    const options = initializationOptions as ServerOptions | undefined;
    if (options?.knetscope === true) this.host = editorHost(this.connection);
    else void learnLocal((knowledge) => this.learn(knowledge));
    return { capabilities, serverInfo: { name: "KNetScope", version: process.env.KNETSCOPE_VERSION ?? "development" } };
  }

  private async setTarget({ name, folder }: TargetParams): Promise<void> {
    this.learn(folder === undefined ? { ...nothingKnown, name } : { ...(await loadTargetKnowledge(folder)), name });
  }

  private learn(knowledge: TargetKnowledge): void {
    this.knowledge = knowledge;
    this.compiled.clear();
    for (const { uri } of this.documents.all()) this.diagnose(uri);
    void this.connection.languages.inlayHint.refresh().catch(() => undefined);
  }

  private registerProviders(): void {
    const { connection } = this;
    connection.onCompletion((params) => this.at(params, completion));
    connection.onHover((params) => this.at(params, hover));
    connection.onSignatureHelp((params) => this.at(params, signatureHelp));
    connection.onDefinition((params) => this.at(params, (program, offset) => this.definition(program, offset)));
    connection.onReferences((params) => this.at(params, (program, offset) => references(program, offset, params.context.includeDeclaration)));
    connection.onDocumentHighlight((params) => this.at(params, highlights));
    connection.onPrepareRename((params) => this.at(params, prepareRename));
    connection.onRenameRequest((params) => this.at(params, (program, offset) => rename(program, offset, params.newName) ?? new ResponseError(0, "This is no name that can be given here, or it is taken.")));
    connection.onDocumentSymbol(({ textDocument }) => this.of(textDocument.uri, documentSymbols));
    connection.onFoldingRanges(({ textDocument }) => this.of(textDocument.uri, foldingRanges));
    connection.onCodeAction(({ textDocument, range, context }) => this.of(textDocument.uri, (program) => codeActions(program, range, context.diagnostics)));
    connection.onCodeLens(({ textDocument }) => this.of(textDocument.uri, codeLenses));
    connection.onDocumentFormatting(({ textDocument, options }) => this.of(textDocument.uri, (program) => formatting(program, options.insertSpaces ? " ".repeat(options.tabSize) : "\t")));
    connection.languages.inlayHint.on(({ textDocument, range }) => this.of(textDocument.uri, (program) => inlayHints(program, { start: program.offset(range.start), end: program.offset(range.end) })));
    connection.languages.semanticTokens.on(({ textDocument }) => this.of(textDocument.uri, semanticTokens) ?? { data: [] });
  }

  private program(uri: string): ProgramDocument | undefined {
    const document = this.documents.get(uri);
    return document && this.programs.get(document, this.knowledge);
  }

  private of<T>(uri: string, provide: (program: ProgramDocument) => T): T | null {
    const program = this.program(uri);
    return program ? provide(program) : null;
  }

  private at<T>({ textDocument, position }: TextDocumentPositionParams, provide: (program: ProgramDocument, offset: number) => T): NonNullable<T> | null {
    const program = this.program(textDocument.uri);
    return (program && provide(program, program.offset(position))) ?? null;
  }

  private async definition(program: ProgramDocument, offset: number): Promise<{ uri: string; range: Range }[]> {
    const name = functionAt(program, offset);
    if (name === undefined) return definition(program, offset);
    const place = await this.host.functionPlace(name);
    const position = place && { line: place.line, character: 0 };
    return place && position ? [{ uri: place.uri, range: { start: position, end: position } }] : [];
  }

  private async compile(uri: string): Promise<number> {
    const document = this.documents.get(uri);
    if (!document) return 0;
    const text = document.getText();
    const findings = await this.host.compile(text);
    if (findings) this.compiled.set(uri, { text, findings });
    return this.diagnose(uri);
  }

  private diagnoseSoon(uri: string): void {
    clearTimeout(this.timers.get(uri));
    this.timers.set(uri, setTimeout(() => this.diagnose(uri), diagnosticsDelay));
  }

  private diagnose(uri: string): number {
    const program = this.program(uri);
    if (!program) return 0;
    const compiled = this.compiled.get(uri);
    const found = diagnostics(program, compiled?.text === program.text ? compiled.findings : []);
    void this.connection.sendDiagnostics({ uri, version: program.document.version, diagnostics: found });
    return found.length;
  }

  private forget(uri: string): void {
    clearTimeout(this.timers.get(uri));
    this.timers.delete(uri);
    this.compiled.delete(uri);
    this.programs.forget(uri);
    void this.connection.sendDiagnostics({ uri, diagnostics: [] });
  }
}

function formatting(program: ProgramDocument, indent: string): { range: Range; newText: string }[] {
  const newText = formatProgram(program.text, { indent });
  return newText === program.text ? [] : [{ range: program.range({ start: 0, end: program.text.length }), newText }];
}
