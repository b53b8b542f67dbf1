import { allIndexes } from "../../base/sortIndexes";
import type { Finding } from "../../collectors/capability";
import type { SocketsSnapshot } from "../../collectors/socketModel";
import type { Arrangement, ExtensionMethods, SocketDetails, SocketTableState, SocketWindow } from "../../protocol/socketTable";
import { columnOf, defaultProtocols, type TableProtocol } from "../../protocol/tableColumns";
import { explainPlan } from "../../sockdiag/filterPlan";
import { LatestOnly } from "../async/latestOnly";
import { protocols as protocolNames, type Protocol } from "../../sockdiag/protocols";
import { arrangeRows, type ArrangeRequest } from "./arrangeRows";
import { cellReader } from "./cellReader";
import { rowsOf, type RowSource } from "./rowSource";
import { socketDetails } from "./socketDetails";

/** More rows than a page ever shows at once. */
const WINDOW_LIMIT = 1000;

type Params<K extends keyof ExtensionMethods> = ExtensionMethods[K]["params"];

export interface SocketQuestion {
  /** In the language of ss. */
  readonly filter: string;
  readonly protocols: readonly TableProtocol[];
}

/** What a snapshot tells beside its sockets. */
export type SnapshotNotes = Pick<SocketsSnapshot, "takenAt" | "notes" | "findings" | "source" | "plan">;

/** One table's sockets and the arrangement in which its page sees them. Knows nothing of the editor. */
export class SocketTableModel {
  private source: RowSource = rowsOf([]);
  private notes: SnapshotNotes | undefined;
  private order: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  private version = 0;
  private filter = "";
  private protocols = defaultProtocols;
  private readonly arranging = new LatestOnly();

  constructor(
    private readonly host: string,
    private readonly history: () => readonly string[],
  ) {}

  /** Puts new sockets in the place of the old ones, in the order of the host. */
  show({ filter, protocols }: SocketQuestion, source: RowSource, notes: SnapshotNotes): void {
    this.arranging.abort();
    this.filter = filter;
    this.protocols = protocols;
    this.source = source;
    this.notes = notes;
    this.setOrder(allIndexes(source.length));
  }

  /** The same sockets with their processes; `notes`: what could not be seen. */
  name(source: RowSource, notes: readonly string[]): void {
    this.source = source;
    if (this.notes) this.notes = { ...this.notes, notes: [...new Set([...this.notes.notes, ...notes])] };
    this.setOrder(this.order);
  }

  /** What the query box begins with. */
  suggest({ filter, protocols }: SocketQuestion): void {
    this.filter = filter;
    this.protocols = protocols;
  }

  get sockets(): RowSource {
    return this.source;
  }

  state(): SocketTableState {
    const { notes } = this;
    const from = notes === undefined || notes.source === "sock_diag" ? [] : [`read from ${notes.source === "proc" ? "/proc/net: states and queues only" : notes.source}`];
    return {
      host: this.host,
      filter: this.filter,
      protocols: this.protocols,
      ...(notes && { takenAt: notes.takenAt }),
      notes: [...(this.source.surroundings?.ownersUnasked ? ["their processes are being read…"] : []), ...from, ...(notes?.notes ?? []), ...(notes?.findings ?? []).map(findingText)],
      plan: notes?.plan && this.filter.trim() !== "" ? explainPlan(notes.plan, this.protocols) : [],
      total: this.source.length,
      arrangement: this.arrangement,
      history: this.history(),
    };
  }

  async arrange(request: ArrangeRequest): Promise<Arrangement | undefined> {
    const order = await this.arranging.run((signal) => arrangeRows(this.source, request, signal));
    if (!order) return undefined;
    this.setOrder(order);
    return this.arrangement;
  }

  rows({ version, from, count, columns }: Params<"rows">): SocketWindow {
    const positions = version === this.version ? this.order.subarray(from, from + Math.min(count, WINDOW_LIMIT)) : [];
    const readers = columns.map((column) => ({ read: cellReader(this.source, column), can: new Set<Protocol>(columnOf(column).of) }));
    const cell = ({ read, can }: (typeof readers)[number], index: number) => (can.has(this.protocolAt(index)) ? (read(index) ?? null) : "");
    return { version, from, rows: Array.from(positions, (index) => readers.map((reader) => cell(reader, index))) };
  }

  details({ version, position }: Params<"details">): SocketDetails {
    const index = this.indexAt(version, position);
    return index === undefined ? [] : socketDetails(this.source.row(index));
  }

  /** Indexes of the sockets of an arrangement; none of one that is no more. */
  arranged(version: number): Uint32Array {
    return version === this.version ? this.order : new Uint32Array(0);
  }

  indexAt(version: number, position: number): number | undefined {
    return this.arranged(version)[position];
  }

  dispose(): void {
    this.arranging.abort();
  }

  private protocolAt(index: number): Protocol {
    const { columns } = this.source;
    return (columns && protocolNames[columns.protocol[index] ?? 0]) ?? this.source.row(index).protocol;
  }

  private get arrangement(): Arrangement {
    return { version: this.version, count: this.order.length };
  }

  private setOrder(order: Uint32Array<ArrayBuffer>): void {
    this.order = order;
    this.version++;
  }
}

/** With what helps. */
const findingText = ({ title, remedy }: Finding): string => (remedy ? `${title}. ${remedy.title}${remedy.command === undefined ? "" : `: ${remedy.command}`}` : title);
