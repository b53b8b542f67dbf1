/** The features of bpftrace programs. Each request sees the text and the target as they are at that moment; nothing waits for a host, but what asks one. */
import { CodeActionKind, type Connection, type Range, type ServerCapabilities } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Finding } from "../../bpflang/finding";
import { formatProgram } from "../../bpflang/formatProgram";
import { nothingKnown, type TargetKnowledge } from "../../bpflang/targetKnowledge";
import { bpftraceMethods, type CheckParams, type TargetParams } from "../../protocol/bpftrace";
import type { LocalKernels } from "../kernelsOnDemand";
import { loadTargetKnowledge } from "../../session/targetKnowledge";
import { answersItself } from "../clientOptions";
import type { DocumentFeatures } from "../documentFeatures";
import { codeActions } from "./codeActions";
import { codeLenses } from "./codeLenses";
import { completion } from "./completion";
import { diagnostics } from "./diagnostics";
import { hover } from "./hover";
import { inlayHints } from "./inlayHints";
import { definition, functionAt, highlights, prepareRename, references, rename } from "./navigation";
import { documentSymbols, foldingRanges } from "./outline";
import { ProgramDocuments, type ProgramDocument } from "./programDocument";
import { semanticTokens, tokenModifiers, tokenTypes } from "./semanticTokens";
import { editorHost, learnLocal, localHost, type ServerHost } from "./serverHost";
import { signatureHelp } from "./signatureHelp";
import { warmUp } from "./warmUp";

/** Typing is followed by a look at the whole program once it pauses. Milliseconds. */
const diagnosticsDelay = 150;

export class BpftraceFeatures implements DocumentFeatures {
  readonly capabilities: ServerCapabilities = {
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

  private readonly programs = new ProgramDocuments();
  private readonly open = new Map<string, TextDocument>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /** What the target's compiler said of a text; it holds for that text alone. */
  private readonly compiled = new Map<string, { readonly text: string; readonly findings: readonly Finding[] }>();
  private knowledge: TargetKnowledge = nothingKnown;
  private host: ServerHost | undefined;
  /** Without an editor's side this machine is read with the first program. */
  private isAlone = false;
  private hasLearned = false;
  private lessons = 0;

  constructor(private readonly connection: Connection) {
    connection.onNotification(bpftraceMethods.target, (params: TargetParams) => this.setTarget(params));
    connection.onRequest(bpftraceMethods.check, ({ uri }: CheckParams) => this.compile(uri));
  }

  readonly requests: DocumentFeatures["requests"] = {
    "textDocument/completion": (document, { position }) => this.at(document, position, completion),
    "textDocument/hover": (document, { position }) => this.at(document, position, hover),
    "textDocument/signatureHelp": (document, { position }) => this.at(document, position, signatureHelp),
    "textDocument/definition": (document, { position }) => this.definition(document, position),
    "textDocument/references": (document, { position, context }) => this.at(document, position, (program, offset) => references(program, offset, context.includeDeclaration)),
    "textDocument/documentHighlight": (document, { position }) => this.at(document, position, highlights),
    "textDocument/prepareRename": (document, { position }) => this.at(document, position, prepareRename),
    "textDocument/rename": (document, { position, newName }) => this.at(document, position, (program, offset) => rename(program, offset, newName)),
    "textDocument/documentSymbol": (document) => documentSymbols(this.program(document)),
    "textDocument/foldingRange": (document) => foldingRanges(this.program(document)),
    "textDocument/codeAction": (document, { range, context }) => codeActions(this.program(document), range, context.diagnostics),
    "textDocument/codeLens": (document) => (this.isAlone ? null : codeLenses(this.program(document))),
    "textDocument/formatting": (document, { options }) => formatting(this.program(document), options.insertSpaces ? " ".repeat(options.tabSize) : "\t"),
    "textDocument/inlayHint": (document, { range }) => {
      const program = this.program(document);
      return inlayHints(program, { start: program.offset(range.start), end: program.offset(range.end) });
    },
    "textDocument/semanticTokens/full": (document) => semanticTokens(this.program(document)),
  };

  owns({ languageId, uri }: TextDocument): boolean {
    return languageId === "bpftrace" || uri.endsWith(".bt");
  }

  begin(_connection: Connection, options: unknown, kernels: LocalKernels): void {
    this.isAlone = !answersItself(options, "bpftrace");
    this.host = this.isAlone ? localHost(kernels) : editorHost(this.connection);
  }

  opened(document: TextDocument): void {
    this.open.set(document.uri, document);
    if (this.isAlone && !this.hasLearned) {
      this.hasLearned = true;
      void learnLocal((knowledge) => this.learn(knowledge));
    }
  }

  changed(document: TextDocument): void {
    clearTimeout(this.timers.get(document.uri));
    this.timers.set(document.uri, setTimeout(() => this.diagnose(document.uri), diagnosticsDelay));
  }

  saved({ uri }: TextDocument): void {
    // An editor's side decides by its settings, and asks.
    if (this.isAlone) void this.compile(uri).catch((error: unknown) => this.connection.console.warn(String(error)));
  }

  closed({ uri }: TextDocument): void {
    clearTimeout(this.timers.get(uri));
    this.timers.delete(uri);
    this.open.delete(uri);
    this.compiled.delete(uri);
    this.programs.forget(uri);
    void this.connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  private async setTarget({ name, folder }: TargetParams): Promise<void> {
    if (folder === undefined) await learnLocal((knowledge) => this.learn({ ...knowledge, name }));
    else await this.learn({ ...(await loadTargetKnowledge(folder)), name });
  }

  private async learn(knowledge: TargetKnowledge): Promise<void> {
    const lesson = ++this.lessons;
    await warmUp(knowledge);
    if (lesson !== this.lessons) return;
    this.knowledge = knowledge;
    this.compiled.clear();
    for (const uri of this.open.keys()) this.diagnose(uri);
    void this.connection.languages.inlayHint.refresh().catch(() => undefined);
  }

  private program(document: TextDocument): ProgramDocument {
    return this.programs.get(document, this.knowledge);
  }

  private at<T>(document: TextDocument, position: Range["start"], provide: (program: ProgramDocument, offset: number) => T | undefined): T | null {
    const program = this.program(document);
    return provide(program, program.offset(position)) ?? null;
  }

  private async definition(document: TextDocument, position: Range["start"]): Promise<{ uri: string; range: Range }[]> {
    const program = this.program(document);
    const offset = program.offset(position);
    const name = functionAt(program, offset);
    if (name === undefined) return definition(program, offset);
    const place = await this.host?.functionPlace(name);
    const start = place && { line: place.line, character: 0 };
    return place && start ? [{ uri: place.uri, range: { start, end: start } }] : [];
  }

  private async compile(uri: string): Promise<number> {
    const document = this.open.get(uri);
    if (!document) return 0;
    const text = document.getText();
    const findings = await this.host?.compile(text);
    if (findings) this.compiled.set(uri, { text, findings });
    return this.diagnose(uri);
  }

  private diagnose(uri: string): number {
    const document = this.open.get(uri);
    if (!document) return 0;
    const program = this.program(document);
    const compiled = this.compiled.get(uri);
    const found = diagnostics(program, compiled?.text === program.text ? compiled.findings : []);
    void this.connection.sendDiagnostics({ uri, version: document.version, diagnostics: found });
    return found.length;
  }
}

function formatting(program: ProgramDocument, indent: string): { range: Range; newText: string }[] {
  const newText = formatProgram(program.text, { indent });
  return newText === program.text ? [] : [{ range: program.range({ start: 0, end: program.text.length }), newText }];
}
