import type { LogOutputChannel, Memento, TreeView } from "vscode";
import type { NamedVmlinux } from "../session/namedVmlinux";
import type { ErrorReporter } from "./errors/errorReporter";
import type { HostRegistry } from "./hosts/hostRegistry";
import type { LanguageServer } from "./languageServer/languageServer";
import type { ListenersService } from "./listeners/listenersService";
import type { SecretPasswords } from "./prompts/secretPasswords";
import type { SourceDocuments } from "./sources/sourceDocuments";
import type { StackDocuments } from "./stackDocuments/stackDocuments";
import type { TraceRegistry } from "./traces/traceRegistry";
import type { ExplanationDocuments } from "./views/explanationDocuments";
import type { Row } from "./views/row";
import type { RowTree } from "./views/rowTree";
import type { FilterHistory } from "./webviewHost/filterHistory";
import type { FlameGraphs } from "./webviewHost/flameGraphs";
import type { SocketTables } from "./webviewHost/socketTables";

/** What commands work with. Made once, in `activate`, and passed on explicitly. */
export interface Services {
  readonly log: LogOutputChannel;
  readonly errors: ErrorReporter;
  readonly hosts: HostRegistry;
  readonly listeners: ListenersService;
  readonly traces: TraceRegistry;
  readonly sources: SourceDocuments;
  readonly stacks: StackDocuments;
  readonly explanations: ExplanationDocuments;
  readonly socketTables: SocketTables;
  readonly flameGraphs: FlameGraphs;
  readonly filterHistory: FilterHistory;
  readonly passwords: SecretPasswords;
  readonly views: Views;
  readonly trees: Trees;
  readonly state: Memento;
  /** That of the settings as they are now. */
  readonly namedVmlinux: () => NamedVmlinux;
  /** Started when it is needed. */
  readonly languageServer: () => LanguageServer;
}

export type ViewId = "hosts" | "listeners" | "traces" | "findings";
export type Views = Readonly<Record<ViewId, TreeView<Row>>>;
export type Trees = Readonly<Record<ViewId, RowTree>>;

/** Whatever a command is given: the row it was invoked on, its own arguments, or nothing from the palette. */
export type CommandHandler = (services: Services, ...args: unknown[]) => unknown;
