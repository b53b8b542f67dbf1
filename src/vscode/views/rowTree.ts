import { EventEmitter, MarkdownString, ThemeColor, ThemeIcon, type TreeDataProvider, TreeItem, TreeItemCollapsibleState } from "vscode";
import type { Disposable } from "../../base/disposable";
import { Throttle } from "../async/throttle";
import type { Row, RowAction } from "./row";

/** Draws rows in a native tree. The rows are built anew, lazily, after each `refresh`. */
export class RowTree implements TreeDataProvider<Row>, Disposable {
  private readonly emitter = new EventEmitter<void>();
  private readonly throttle = new Throttle(() => this.refreshNow(), 500);
  private built: { readonly rows: readonly Row[]; readonly parents: Map<string, Row>; readonly byId: Map<string, Row> } | undefined;

  readonly onDidChangeTreeData = this.emitter.event;
  /** Redraws, at most twice a second. */
  readonly refresh = this.throttle.trigger;

  constructor(private readonly build: () => readonly Row[]) {}

  getChildren(row?: Row): Row[] {
    return [...(row ? (this.find(row.id)?.children ?? row.children ?? []) : this.current().rows)];
  }

  refreshNow(): void {
    this.built = undefined;
    this.emitter.fire();
  }

  getParent(row: Row): Row | undefined {
    return this.current().parents.get(row.id);
  }

  find(id: string): Row | undefined {
    return this.current().byId.get(id);
  }

  /** The first row about a thing. */
  findWhere(test: (row: Row) => boolean): Row | undefined {
    return [...this.current().byId.values()].find(test);
  }

  getTreeItem(row: Row): TreeItem {
    const item = new TreeItem(row.label, collapsibleState(row));
    // A row that gets its children later stays closed under the id it had without them.
    item.id = collapsibleState(row) === TreeItemCollapsibleState.Expanded ? `${row.id}/open` : row.id;
    if (row.description !== undefined) item.description = row.description;
    if (row.icon) item.iconPath = new ThemeIcon(row.icon.id, row.icon.color === undefined ? undefined : new ThemeColor(row.icon.color));
    if (row.tooltip !== undefined) item.tooltip = new MarkdownString(row.tooltip);
    if (row.context !== undefined) item.contextValue = row.context;
    if (row.spoken !== undefined) item.accessibilityInformation = { label: row.spoken };
    if (row.action) item.command = commandOf(row, row.action);
    return item;
  }

  dispose(): void {
    this.throttle.dispose();
    this.emitter.dispose();
  }

  private current(): NonNullable<typeof this.built> {
    if (this.built) return this.built;
    const parents = new Map<string, Row>();
    const byId = new Map<string, Row>();
    const index = (row: Row): void => {
      byId.set(row.id, row);
      for (const child of row.children ?? []) {
        parents.set(child.id, row);
        index(child);
      }
    };
    const rows = this.build();
    rows.forEach(index);
    return (this.built = { rows, parents, byId });
  }
}

function collapsibleState({ children, expanded }: Row): TreeItemCollapsibleState {
  if (!children || children.length === 0) return TreeItemCollapsibleState.None;
  return expanded ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed;
}

function commandOf(row: Row, action: RowAction): NonNullable<TreeItem["command"]> {
  switch (action.kind) {
    case "open-source": return { command: "knetscope.openSourceAt", title: "Open Source", arguments: [action.host, action.place] };
    case "show-listener": return { command: "knetscope.showListeners", title: "Show Listener", arguments: [row] };
    case "show-trace": return { command: "knetscope.showTrace", title: "Show Trace", arguments: [action.trace] };
    case "connect": return { command: "knetscope.connectHost", title: "Connect", arguments: [action.host] };
  }
}
