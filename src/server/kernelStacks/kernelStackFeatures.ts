/** Kernel stacks in any text, as one feature set of the server: documents are read behind the requests, and frames resolved by the editor's side or, where it has none, here. */
import { setTimeout as delay } from "node:timers/promises";
import { type CancellationToken, type Connection, type DocumentLink, type Hover, MarkupKind, type Range, type ServerCapabilities } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { LocalKernels } from "../kernelsOnDemand";
import { type FrameAnswer, stackMethods, type StackSettings } from "../../protocol/kernelStacks";
import { answersItself } from "../clientOptions";
import type { DocumentFeatures } from "../documentFeatures";
import { connectionResolver } from "./connectionResolver";
import { frameActions } from "./frameActions";
import { type AnsweredFrame, FrameAnswers, type FrameResolver } from "./frameAnswers";
import { frameDefinition } from "./frameDefinition";
import { firstPlace, frameHover } from "./frameHover";
import { frameInlays } from "./frameInlays";
import { localResolver } from "./localResolver";
import { frameAt, type PlacedFrame, type PlacedStack } from "./placedStack";
import { ReadDocument } from "./readDocument";
import { semanticMarks } from "./semanticMarks";
import { sizeNote, stackDiagnostics } from "./stackDiagnostics";
import { placeAt, placeQuery, resolveLink, stackLinks } from "./stackLinks";
import { frameRange, stackFolds, stackSymbols } from "./stackOutline";
import { StackRegistration } from "./stackRegistration";

/** Milliseconds that links wait for the end of a long text; after that the editor gets those found so far, and is told when there are more. */
const linkPatience = 100;
const diagnosticsDelay = 400;
/** Lines of source shown before and behind a frame's line. */
const linesAround = 4;

/** A report's trace begins within so many lines of what the report says first. */
const linesToTrace = 64;

const everything: StackSettings = { languages: [], files: [], maxFileBytes: 32 << 20, inlayHints: true, diagnostics: true };

interface OpenDocument {
  readonly number: number;
  /** undefined for a text beyond the limit. */
  readonly read: ReadDocument | undefined;
  /** Lines the editor last asked about: those in sight. */
  sight: { readonly from: number; readonly to: number };
  timer?: NodeJS.Timeout;
}

export class KernelStackFeatures implements DocumentFeatures {
  private readonly open = new Map<string, OpenDocument>();
  private resolver: FrameResolver;
  private answers: FrameAnswers;
  private readonly registration: StackRegistration;
  private settings = everything;
  private nextNumber = 1;
  /** Without an editor's side there are neither its commands nor later registration. */
  private isAlone = false;

  constructor(private readonly connection: Connection) {
    this.resolver = connectionResolver(connection);
    this.answers = new FrameAnswers(this.resolver);
    this.registration = new StackRegistration(connection);
  }

  owns({ languageId }: TextDocument): boolean {
    return languageId !== "bpftrace";
  }

  readonly capabilitiesAlone: ServerCapabilities = { documentLinkProvider: { resolveProvider: true } };

  begin(connection: Connection, options: unknown, kernels: LocalKernels): void {
    this.isAlone = !answersItself(options, "stacks");
    if (this.isAlone) {
      this.resolver = localResolver(kernels);
      this.answers = new FrameAnswers(this.resolver);
    }
    connection.onDocumentLinkResolve((link, token) => (this.isAlone ? this.resolveToFile(link, token) : this.resolveLink(link)));
    connection.onNotification(stackMethods.stale, () => this.refresh());
    connection.onNotification(stackMethods.configure, (settings: StackSettings) => this.configure(settings));
    if (hasStacks(options)) this.configure(options.stacks);
  }

  readonly requests: DocumentFeatures["requests"] = {
    "textDocument/documentLink": async (document) => this.links(document),
    "textDocument/hover": (document, { position }, token) => this.hover(document, position, token),
    "textDocument/definition": async (document, { position }, token) => {
      const frame = await this.answerAt(document, position, token);
      return frame ? frameDefinition(frame) : null;
    },
    "textDocument/inlayHint": async (document, { range }, token) => (this.settings.inlayHints ? frameInlays(await this.inSight(document, range, token)) : null),
    "textDocument/semanticTokens/range": (document, { range }) => this.marks(document, range),
    "textDocument/documentSymbol": async (document) => this.whole(document, (read) => stackSymbols(read.index.known(), read.lines)),
    "textDocument/foldingRange": async (document) => this.whole(document, (read) => nullWhenEmpty(stackFolds(read.index.known()))),
    "textDocument/codeAction": (document, { range }) => {
      const found = this.isAlone ? undefined : this.frameAt(document, range.start);
      return found ? frameActions(found.stack, found.frame, document.uri) : null;
    },
  };

  opened(document: TextDocument): void {
    const isTooLong = document.getText().length > this.settings.maxFileBytes;
    const read = isTooLong ? undefined : new ReadDocument(document);
    this.open.set(document.uri, { number: this.nextNumber++, read, sight: { from: 0, to: 0 } });
    if (read) void read.whole();
    this.scheduleDiagnostics(document);
  }

  changed(document: TextDocument): void {
    const entry = this.open.get(document.uri);
    if (!entry?.read) return;
    entry.read.changed();
    void entry.read.whole();
    this.scheduleDiagnostics(document);
  }

  closed({ uri }: TextDocument): void {
    const entry = this.open.get(uri);
    clearTimeout(entry?.timer);
    entry?.read?.closed.abort();
    this.open.delete(uri);
    void this.connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  private configure(settings: StackSettings): void {
    this.settings = settings;
    this.registration.register(settings).catch((error: unknown) => this.connection.console.error(`registering for kernel stacks: ${String(error)}`));
    this.refresh();
  }

  private refresh(): void {
    this.answers.clear();
    void this.connection.languages.inlayHint.refresh().catch(() => undefined);
    for (const { read } of this.open.values()) if (read) this.scheduleDiagnostics(read.document);
  }

  private async links(document: TextDocument): Promise<readonly DocumentLink[] | null> {
    const entry = this.open.get(document.uri);
    const read = entry?.read;
    if (!read) return null;
    const whole = read.whole();
    await (this.isAlone ? whole : Promise.race([whole, delay(linkPatience)]));
    if (!read.index.isComplete) void whole.then(() => (read.closed.signal.aborted ? undefined : this.registration.renewLinks()));
    const inSight = read.index.isComplete ? [] : read.index.stacksIn(entry.sight.from, entry.sight.to);
    const known = read.index.known();
    const last = known.at(-1)?.lastLine ?? -1;
    return stackLinks([...known, ...inSight.filter(({ firstLine }) => firstLine > last)], read.index.places(), entry.number);
  }

  private linkedDocument({ data }: DocumentLink): ReadDocument | undefined {
    return [...this.open.values()].find(({ number }) => number === data)?.read;
  }

  /** To the line itself: an editor without our commands follows only that. */
  private async resolveToFile(link: DocumentLink, token: CancellationToken): Promise<DocumentLink> {
    const read = this.linkedDocument(link);
    const place = read && firstPlace(await this.linkedAnswer(read, link, token));
    return place?.uri === undefined ? link : { ...link, target: `${place.uri}#L${place.line}`, tooltip: `Open ${place.file}:${place.line}` };
  }

  private async linkedAnswer({ document, index }: ReadDocument, link: DocumentLink, token: CancellationToken): Promise<FrameAnswer | undefined> {
    const { line } = link.range.start;
    const named = placeAt(index.places(), link);
    if (!named) return (await this.answerAt(document, link.range.start, token))?.answer;
    const [answer] = await this.resolver.resolve([placeQuery(named, index.stacksIn(line, line + linesToTrace))], this.signal(document, token));
    return answer?.frames[0];
  }

  private resolveLink(link: DocumentLink): DocumentLink {
    const read = this.linkedDocument(link);
    if (!read) return link;
    const { line } = link.range.start;
    return resolveLink(link, read.index.stacksIn(line, line + linesToTrace), read.index.places()) ?? link;
  }

  private async hover(document: TextDocument, position: Range["start"], token: CancellationToken): Promise<Hover | null> {
    const frame = await this.answerAt(document, position, token);
    if (!frame) return null;
    const place = firstPlace(frame.answer);
    const excerpt = place?.uri !== undefined && place.line !== undefined ? await this.resolver.source({ uri: place.uri, line: place.line, around: linesAround }, this.signal(document, token)) : null;
    return { contents: { kind: MarkupKind.Markdown, value: frameHover(frame, excerpt) }, range: frameRange(frame.placed) };
  }

  private async answerAt(document: TextDocument, position: Range["start"], token: CancellationToken): Promise<AnsweredFrame | undefined> {
    const found = this.frameAt(document, position);
    if (!found) return undefined;
    const [answered] = await this.answers.of([found.stack], (frame) => frame === found.frame, this.signal(document, token));
    this.scheduleDiagnostics(document);
    return answered;
  }

  private frameAt(document: TextDocument, { line, character }: Range["start"]): { readonly stack: PlacedStack; readonly frame: PlacedFrame } | undefined {
    return frameAt(this.open.get(document.uri)?.read?.index.stacksIn(line, line + 1) ?? [], line, character);
  }

  private async inSight(document: TextDocument, range: Range, token: CancellationToken): Promise<readonly AnsweredFrame[]> {
    const isIn = this.look(document, range);
    const stacks = this.open.get(document.uri)?.read?.index.stacksIn(range.start.line, range.end.line + 1) ?? [];
    const frames = await this.answers.of(stacks, isIn, this.signal(document, token));
    this.scheduleDiagnostics(document);
    return frames;
  }

  private marks(document: TextDocument, range: Range): ReturnType<typeof semanticMarks> | null {
    const isIn = this.look(document, range);
    const read = this.open.get(document.uri)?.read;
    if (!read) return null;
    const frames = read.index.stacksIn(range.start.line, range.end.line + 1).flatMap((stack) => stack.frames.filter(isIn));
    return semanticMarks(frames, (line) => read.lines.line(line));
  }

  private look(document: TextDocument, { start, end }: Range): (frame: PlacedFrame) => boolean {
    const entry = this.open.get(document.uri);
    if (entry) entry.sight = { from: start.line, to: end.line + 1 };
    return ({ line }) => line >= start.line && line <= end.line;
  }

  private async whole<T>(document: TextDocument, use: (read: ReadDocument) => T): Promise<T | null> {
    const read = this.open.get(document.uri)?.read;
    if (!read) return null;
    await read.whole();
    return read.index.isComplete ? use(read) : null;
  }

  /** Diagnostics come when typing and reading pause. */
  private scheduleDiagnostics(document: TextDocument): void {
    const entry = this.open.get(document.uri);
    if (!entry) return;
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => void this.publish(document.uri, entry), diagnosticsDelay);
  }

  private async publish(uri: string, { read }: OpenDocument): Promise<void> {
    await read?.whole();
    if (!this.open.has(uri)) return;
    const found = read ? stackDiagnostics(read.index.known(), read.index.notes(), this.answers, read.lines) : [sizeNote(this.settings.maxFileBytes)];
    await this.connection.sendDiagnostics({ uri, diagnostics: this.settings.diagnostics || !read ? [...found] : [] });
  }

  /** Ends with the request and with the document. */
  private signal(document: TextDocument, token: CancellationToken): AbortSignal {
    const own = new AbortController();
    token.onCancellationRequested(() => own.abort());
    const closed = this.open.get(document.uri)?.read?.closed.signal;
    return closed ? AbortSignal.any([own.signal, closed]) : own.signal;
  }
}

const nullWhenEmpty = <T>(list: readonly T[]): readonly T[] | null => (list.length > 0 ? list : null);

const hasStacks = (options: unknown): options is { readonly stacks: StackSettings } => typeof options === "object" && options !== null && "stacks" in options;
