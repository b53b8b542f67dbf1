import { columnsOf, defaultProtocols, firstColumns, isColumn, tableProtocols, type SocketColumnId, type TableProtocol } from "./tableColumns";

export interface SortOrder {
  readonly column: SocketColumnId;
  readonly descending: boolean;
}

/** How a user has arranged the table: kept between tables. Columns and order are kept for each choice of protocols, since each has its own. */
export interface TableLook {
  readonly protocols: readonly TableProtocol[];
  readonly columns: Readonly<Record<string, readonly SocketColumnId[]>>;
  readonly orders: Readonly<Record<string, SortOrder>>;
  /** CSS pixels; a column without one shares the room that is left. */
  readonly widths: Readonly<Partial<Record<SocketColumnId, number>>>;
}

export const plainLook: TableLook = { protocols: defaultProtocols, columns: {}, orders: {}, widths: {} };

/** Under what the choice of a table's protocols is kept. */
export const lookKey = (protocols: readonly TableProtocol[]): string => tableProtocols.map(({ id }) => id).filter((id) => protocols.includes(id)).join(",");

/** In their order; never none. */
export function shownColumns({ protocols, columns }: TableLook): readonly SocketColumnId[] {
  const fitting = columnsOf(protocols);
  const own = columns[lookKey(protocols)]?.filter((id) => fitting.includes(id)) ?? [];
  return own.length > 0 ? own : firstColumns(protocols);
}

/** undefined: the order of the host. */
export function orderOf({ protocols, orders }: TableLook): SortOrder | undefined {
  const order = orders[lookKey(protocols)];
  return order && columnsOf(protocols).includes(order.column) ? order : undefined;
}

/** undefined: as before the user chose any. */
export const withColumns = (look: TableLook, columns: readonly SocketColumnId[] | undefined): TableLook => ({ ...look, columns: changed(look.columns, lookKey(look.protocols), columns) });
export const withOrder = (look: TableLook, order: SortOrder | undefined): TableLook => ({ ...look, orders: changed(look.orders, lookKey(look.protocols), order) });
export const withWidth = (look: TableLook, column: SocketColumnId, width: number | undefined): TableLook => ({ ...look, widths: changed(look.widths, column, width) });

function changed<T>(record: Readonly<Record<string, T>>, key: string, value: T | undefined): Record<string, T> {
  return Object.fromEntries([...Object.entries(record).filter(([other]) => other !== key), ...(value === undefined ? [] : [[key, value] as const])]);
}

export const narrowest = 40;
export const widest = 2000;

/** What was kept by another version may hold anything: what is not understood is left out. */
export function readLook(kept: unknown): TableLook {
  const { protocols, columns, orders, widths } = recordOf(kept);
  const known = tableProtocols.map(({ id }) => id).filter((id) => Array.isArray(protocols) && protocols.includes(id));
  return {
    protocols: known.length > 0 ? known : plainLook.protocols,
    columns: mapped(columns, (ids) => (Array.isArray(ids) ? ids.filter(isColumn) : undefined)),
    orders: mapped(orders, readOrder),
    widths: mapped(widths, (width, id) => (isColumn(id) && typeof width === "number" && width >= narrowest && width <= widest ? width : undefined)),
  };
}

function readOrder(kept: unknown): SortOrder | undefined {
  const { column, descending } = recordOf(kept);
  return isColumn(column) && typeof descending === "boolean" ? { column, descending } : undefined;
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {});

function mapped<T>(kept: unknown, read: (value: unknown, key: string) => T | undefined): Record<string, T> {
  return Object.fromEntries(Object.entries(recordOf(kept)).flatMap(([key, value]): [string, T][] => {
    const found = read(value, key);
    return found === undefined ? [] : [[key, found]];
  }));
}
