/**
 * What the socket table's webview and the extension say to each other. The sockets stay in the extension: the page asks for the rows
 * in its sight, by position in an arrangement (what is found, in which order), whose number it names. So a million sockets cost the
 * page no more than a hundred.
 */
import type { SocketColumnId, TableProtocol } from "./tableColumns";
import type { SortOrder, TableLook } from "./tableLook";

/** Cells of the columns that were asked for, in their order. null is “not known”, never zero; "" is “there is none”. */
export type SocketCells = readonly (string | number | null)[];

/** Which rows, in which order. */
export interface Arrangement {
  /** Grows with every change; rows are asked for by it. */
  readonly version: number;
  readonly count: number;
}

export interface SocketTableState {
  readonly host: string;
  readonly filter: string;
  /** What the sockets were asked for by; what a query would ask for while nothing was. */
  readonly protocols: readonly TableProtocol[];
  /** Milliseconds since the epoch; absent while nothing was asked yet. */
  readonly takenAt?: number;
  /** How they were read, and what could not be read, in words. */
  readonly notes: readonly string[];
  /** What of the filter ran in the kernel and what here; empty while nothing was asked. */
  readonly plan: readonly string[];
  readonly total: number;
  readonly arrangement: Arrangement;
  /** Newest first. */
  readonly history: readonly string[];
}

export interface SocketWindow {
  readonly version: number;
  readonly from: number;
  readonly rows: readonly SocketCells[];
}

/** Headed groups of names and values: socket, tcp_info, memory. */
export type SocketDetails = readonly { readonly title: string; readonly fields: readonly (readonly [name: string, value: string])[] }[];

export interface Completion {
  /** What is shown and, with `suffix`, inserted. */
  readonly label: string;
  readonly detail: string;
  /** The part of the text that it replaces. */
  readonly from: number;
  readonly to: number;
  /** Put behind it: a blank where more must follow. */
  readonly suffix: string;
}

/** What a filter means, before it runs. */
export interface FilterCheck {
  readonly problem?: { readonly message: string; readonly hint?: string; readonly position: number; readonly length: number };
  /** How ss would read it, where that is something else; what runs in the kernel and what here. */
  readonly notes: readonly string[];
}

export interface ExtensionMethods {
  /** The table as it is now: asked when the page has loaded. */
  readonly load: { readonly params: undefined; readonly result: { readonly state: SocketTableState; readonly look: TableLook } };
  /** Keeps how the user has arranged the table for the next one. */
  readonly remember: { readonly params: TableLook; readonly result: undefined };
  /** Asks the host. Fails with a sentence for the user. */
  readonly query: { readonly params: { readonly filter: string; readonly protocols: readonly TableProtocol[] }; readonly result: SocketTableState };
  /** undefined: a later arrangement overtook it. `find`: words that must all stand in one of `columns`. */
  readonly arrange: { readonly params: { readonly find: string; readonly columns: readonly SocketColumnId[]; readonly order?: SortOrder }; readonly result: Arrangement | undefined };
  /** Fewer rows at the end; none of another version. */
  readonly rows: { readonly params: { readonly version: number; readonly from: number; readonly count: number; readonly columns: readonly SocketColumnId[] }; readonly result: SocketWindow };
  readonly details: { readonly params: { readonly version: number; readonly position: number }; readonly result: SocketDetails };
  readonly complete: { readonly params: { readonly text: string; readonly cursor: number }; readonly result: readonly Completion[] };
  readonly check: { readonly params: { readonly text: string; readonly protocols: readonly TableProtocol[] }; readonly result: FilterCheck };
  /** Saves the rows of the arrangement. false: the user thought better of it. */
  readonly export: { readonly params: { readonly format: "csv" | "json"; readonly version: number }; readonly result: boolean };
  /** Asks, then closes: the socket at a position, or all of the arrangement. What became of it in words; empty: the user thought better of it. */
  readonly close: { readonly params: { readonly version: number; readonly position?: number }; readonly result: string };
  readonly copy: { readonly params: { readonly text: string }; readonly result: undefined };
}

export interface PageMethods {
  /** The processes of the sockets in the table are known now, or it is known why not: the same rows, to be asked for anew. */
  readonly owners: { readonly params: Pick<SocketTableState, "arrangement" | "notes">; readonly result: undefined };
  /** New data that the page did not ask for: a refresh by command. */
  readonly show: { readonly params: SocketTableState; readonly result: undefined };
}
