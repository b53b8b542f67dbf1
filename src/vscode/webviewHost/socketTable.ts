import { env, type WebviewPanel } from "vscode";
import { describeError, DomainError } from "../../base/errors";
import type { ListenersSnapshot, SocketsSnapshot } from "../../collectors/socketModel";
import { withOwners } from "../../collectors/takeOwners";
import { RpcPeer } from "../../protocol/rpc";
import type { ExtensionMethods, PageMethods, SocketTableState } from "../../protocol/socketTable";
import { adviceFor } from "../../session/advice";
import type { Host } from "../../session/host";
import { completeFilter, type FilterVocabulary } from "../../sockdiag/completeFilter";
import { LatestOnly } from "../async/latestOnly";
import type { HostRegistry } from "../hosts/hostRegistry";
import type { ListenersService } from "../listeners/listenersService";
import { checkFilter } from "./checkFilter";
import { closeReport, closeSockets } from "./closeSockets";
import { exportText } from "./socketExport";
import type { FilterHistory } from "./filterHistory";
import { filterVocabulary } from "./filterVocabulary";
import { saveExport } from "./saveExport";
import { SocketTableModel, type SocketQuestion } from "./socketTableModel";
import type { TableLooks } from "./tableLooks";

export interface TableServices {
  readonly hosts: HostRegistry;
  readonly listeners: ListenersService;
  readonly history: FilterHistory;
  readonly looks: TableLooks;
}

type Params<K extends keyof ExtensionMethods> = ExtensionMethods[K]["params"];

/** One editor with the sockets of one host: answers its page. */
export class SocketTable {
  loaded = false;
  private readonly latest = new LatestOnly();
  private readonly namingOnly = new LatestOnly();
  /** Ends when the processes of the sockets shown are known. */
  private naming: Promise<void> = Promise.resolve();
  private readonly model: SocketTableModel;
  private readonly rpc: RpcPeer<ExtensionMethods, PageMethods>;
  /** Made anew with each look at sockets or listeners. */
  private vocabulary: { readonly of: ListenersSnapshot | undefined; readonly words: FilterVocabulary } | undefined;

  constructor(
    private readonly panel: WebviewPanel,
    private readonly host: string,
    private readonly services: TableServices,
  ) {
    const model = new SocketTableModel(host, () => services.history.list());
    this.model = model;
    this.rpc = new RpcPeer<ExtensionMethods, PageMethods>((message) => panel.webview.postMessage(message), {
      load: () => {
        this.loaded = true;
        return { state: model.state(), look: services.looks.read() };
      },
      remember: (look) => services.looks.keep(look),
      query: (question) => this.query(question),
      arrange: (request) => model.arrange(request),
      rows: (request) => model.rows(request),
      details: (request) => model.details(request),
      complete: ({ text, cursor }) => completeFilter(text, cursor, this.known()),
      check: ({ text, protocols }) => checkFilter(text, protocols),
      export: (request) => this.export(request),
      close: (request) => this.close(request),
      copy: async ({ text }) => {
        await env.clipboard.writeText(text);
        return undefined;
      },
    });
    panel.webview.onDidReceiveMessage((message) => this.rpc.receive(message));
    panel.onDidDispose(() => this.end());
  }

  dispose(): void {
    this.panel.dispose();
  }

  get active(): boolean {
    return this.panel.active;
  }

  /** What was asked elsewhere. */
  show(question: SocketQuestion, snapshot: SocketsSnapshot): void {
    this.put(question, snapshot);
    if (this.loaded) void this.rpc.call("show", this.model.state());
  }

  /** A filter to begin with, not asked yet. */
  suggest(filter: string): void {
    this.model.suggest({ filter, protocols: this.services.looks.read().protocols });
  }

  /** The question of the page's Close button, for all sockets in sight. */
  async closeShown(): Promise<string> {
    return this.close({ version: this.model.state().arrangement.version });
  }

  private end(): void {
    this.latest.abort();
    this.namingOnly.abort();
    this.model.dispose();
    this.rpc.dispose();
  }

  private put(question: SocketQuestion, snapshot: SocketsSnapshot): void {
    this.vocabulary = undefined;
    this.model.show(question, snapshot.sockets, snapshot);
    this.naming = snapshot.sockets.surroundings.ownersUnasked ? this.name(snapshot.sockets) : Promise.resolve();
  }

  /** Rows are shown at once; reading the descriptors of all processes takes longer, on a host with many. Never rejects. */
  private async name(sockets: SocketsSnapshot["sockets"]): Promise<void> {
    const named = await this.namingOnly
      .run(async (signal) => this.connected().owners(sockets, signal))
      .catch((error: unknown) => ({ sockets: withOwners(sockets, new Map()), notes: [`The processes could not be read: ${describeError(error)}.`] }));
    if (!named || this.model.sockets !== sockets) return;
    this.vocabulary = undefined;
    this.model.name(named.sockets, named.notes);
    const { arrangement, notes } = this.model.state();
    if (this.loaded) void this.rpc.call("owners", { arrangement, notes }).catch(() => undefined);
  }

  private async query(question: SocketQuestion): Promise<SocketTableState> {
    const { filter, protocols } = question;
    const host = this.connected();
    const snapshot = await this.latest.run((signal) => host.sockets({ filter, protocols, details: true, owners: false }, signal)).catch((error: unknown) => {
      throw new Error([describeError(error), adviceFor(error)].filter(Boolean).join(". "), { cause: error });
    });
    if (snapshot) {
      await this.services.history.add(filter);
      this.put(question, snapshot);
    }
    return this.model.state();
  }

  private connected(): Host {
    const host = this.services.hosts.host(this.host);
    if (!host) throw new DomainError("host/not-connected", `${this.host} is not connected. Connect to it, then run the query again.`);
    return host;
  }

  private known(): FilterVocabulary {
    const looked = this.services.listeners.list().find(({ name }) => name === this.host)?.snapshot;
    const known = this.vocabulary;
    const vocabulary = known && known.of === looked ? known : { of: looked, words: filterVocabulary(this.model.sockets, looked?.listeners ?? [], this.interfaces(looked)) };
    this.vocabulary = vocabulary;
    return vocabulary.words;
  }

  private interfaces(looked: ListenersSnapshot | undefined): readonly string[] {
    return [...new Set((looked?.namespaces ?? []).flatMap(({ interfaces }) => interfaces))];
  }

  private async export({ format, version }: Params<"export">): Promise<boolean> {
    const indexes = this.model.arranged(version).slice();
    await this.naming;
    const { sockets } = this.model;
    const name = `sockets-${this.host}.${format === "csv" ? "csv" : "ndjson"}`;
    return saveExport(name, (signal) => exportText(format, sockets, indexes, signal));
  }

  private async close({ version, position }: Params<"close">): Promise<string> {
    const all = this.model.arranged(version);
    const indexes = position === undefined ? all : all.subarray(position, position + 1);
    // The question names the processes.
    await this.naming;
    const { sockets } = this.model;
    const results = await closeSockets(this.connected(), Array.from(indexes.subarray(0, 100_000), (index) => sockets.row(index)));
    return results ? closeReport(results) : "";
  }
}
