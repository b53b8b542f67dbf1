import type { Memento } from "vscode";

const key = "knetscope.filterHistory";
const LIMIT = 50;

/** Filters that ran in this workspace, newest first, each once. */
export class FilterHistory {
  constructor(private readonly state: Memento) {}

  list(): readonly string[] {
    return this.state.get<readonly string[]>(key, []);
  }

  async add(filter: string): Promise<void> {
    const text = filter.trim();
    if (text !== "") await this.state.update(key, [text, ...this.list().filter((other) => other !== text)].slice(0, LIMIT));
  }
}
