import type { Completion, FilterCheck } from "../../protocol/socketTable";
import { tableProtocols, type TableProtocol } from "../../protocol/tableColumns";
import { element } from "../element";
import { CheckMenu } from "./checkMenu";

export interface QueryEvents {
  onQuery(filter: string): void;
  /** A tick in the menu of protocols. */
  onProtocols(protocols: readonly TableProtocol[]): void;
  /** That menu was closed. */
  onProtocolsDone(): void;
  complete(text: string, cursor: number): Promise<readonly Completion[]>;
  check(text: string): Promise<FilterCheck>;
}

/** A pause of typing after which a problem is said: half a word is none. Milliseconds. */
const PATIENCE = 700;

/**
 * The box for the filter: an ARIA combobox whose list holds what may stand at the cursor, or the filters that ran before (Up).
 * Enter runs, or takes the entry that Down has chosen; Tab takes the first; Escape closes. Below it stands what is wrong and where.
 */
export class QueryBox {
  readonly root = element("div", { class: "query" });
  private readonly input = element("input", {
    id: "filter", type: "text", spellcheck: "false", autocomplete: "off", placeholder: "state established and dport = :443   (empty: all sockets)",
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "suggestions", "aria-describedby": "filter-notes",
  });
  private readonly list = element("ul", { id: "suggestions", role: "listbox", "aria-label": "Suggestions", hidden: true });
  private readonly protocols: CheckMenu<TableProtocol>;
  private readonly notes = element("div", { id: "filter-notes", class: "notes", role: "status" });
  private readonly run = element("button", { type: "submit" }, ["Run"]);
  private history: readonly string[] = [];
  private suggestions: readonly Completion[] = [];
  private chosen = -1;
  /** Text of the last query. */
  private submitted = "";
  private turn = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly events: QueryEvents) {
    this.protocols = new CheckMenu<TableProtocol>("Protocols", {
      onChange: (chosen) => events.onProtocols(tableProtocols.map(({ id }) => id).filter((id) => chosen.has(id))),
      onClose: () => events.onProtocolsDone(),
    }, { label: "All of them", run: () => events.onProtocols(tableProtocols.map(({ id }) => id)) });
    const form = element("form", { role: "search" }, [
      this.protocols.root,
      element("label", { for: "filter" }, ["Filter on the host"]), element("div", { class: "combo" }, [this.input, this.list]), this.run,
    ]);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    this.input.addEventListener("input", () => void this.typed());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => this.closeList());
    this.root.append(form, this.notes);
  }

  /** `plan`: how the filter was run; without one it is read anew. */
  set(filter: string, history: readonly string[], plan: readonly string[]): void {
    this.history = history;
    // What was typed while the query ran is not taken away.
    if (this.input.value.trim() !== this.submitted) return;
    this.submitted = filter.trim();
    this.input.value = filter;
    this.closeList();
    if (plan.length > 0) this.notes.replaceChildren(...plan.map((line) => element("p", {}, [line])));
    else void this.showCheck();
  }

  /** What a query asks for. */
  setProtocols(chosen: readonly TableProtocol[]): void {
    const titles = tableProtocols.filter(({ id }) => chosen.includes(id)).map(({ title }) => title);
    const text = titles.length === tableProtocols.length ? "All protocols" : titles.length > 3 ? `${titles.length} protocols` : titles.join(", ");
    this.protocols.set(tableProtocols, chosen, text);
  }

  /** Ready to be typed over. */
  focus(): void {
    this.input.focus();
    this.input.select();
  }

  /** A query runs. Another may be asked meanwhile: with a disabled button, Enter in the box would do nothing. */
  setBusy(busy: boolean): void {
    this.run.setAttribute("aria-busy", String(busy));
    this.run.textContent = busy ? "Running…" : "Run";
  }

  /** As Enter does: runs what stands in the box, if it can be read. */
  async submit(): Promise<void> {
    this.closeList();
    const { problem } = await this.showCheck();
    if (problem) this.input.setSelectionRange(problem.position, problem.position + problem.length);
    else this.events.onQuery((this.submitted = this.input.value.trim()));
  }

  private async typed(): Promise<void> {
    clearTimeout(this.timer);
    this.notes.replaceChildren();
    this.input.removeAttribute("aria-invalid");
    this.timer = setTimeout(() => void this.showCheck(true), PATIENCE);
    await this.openCompletions();
  }

  private async openCompletions(): Promise<void> {
    const turn = ++this.turn;
    const text = this.input.value;
    const found = await this.events.complete(text, this.input.selectionStart ?? text.length);
    if (turn === this.turn && document.activeElement === this.input) this.openList(found);
  }

  private openHistory(): void {
    this.turn++;
    const { value } = this.input;
    this.openList(this.history.filter((filter) => filter !== value).map((label) => ({ label, detail: "ran before", from: 0, to: value.length, suffix: "" })));
  }

  private openList(suggestions: readonly Completion[]): void {
    this.suggestions = suggestions;
    this.chosen = -1;
    this.list.replaceChildren(...suggestions.map(({ label, detail }, index) => {
      const option = element("li", { id: `suggestion-${index}`, role: "option", "aria-selected": "false" }, [element("span", { class: "label" }, [label]), element("span", { class: "detail" }, [detail])]);
      // Before the blur that the click would cause.
      option.addEventListener("mousedown", (event) => {
        event.preventDefault();
        this.accept(index);
      });
      return option;
    }));
    this.list.hidden = suggestions.length === 0;
    this.input.setAttribute("aria-expanded", String(suggestions.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  private closeList(): void {
    this.turn++;
    this.openList([]);
  }

  private choose(index: number): void {
    const options = [...this.list.children];
    options[this.chosen]?.setAttribute("aria-selected", "false");
    this.chosen = (index + options.length) % options.length;
    const option = options[this.chosen];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
  }

  private accept(index: number): void {
    const suggestion = this.suggestions[index];
    if (!suggestion) return;
    const { value } = this.input;
    const { label, suffix, from, to } = suggestion;
    const gap = suffix !== "" && value.charAt(to) === suffix ? "" : suffix;
    this.input.setRangeText(label + gap, from, to, "end");
    void this.typed();
  }

  private onKey(event: KeyboardEvent): void {
    const open = !this.list.hidden;
    if (open && event.key === "ArrowDown") this.choose(this.chosen + 1);
    else if (open && event.key === "ArrowUp") this.choose(this.chosen < 0 ? this.suggestions.length - 1 : this.chosen - 1);
    else if (event.key === "ArrowDown" || (event.key === " " && event.ctrlKey)) void this.openCompletions();
    else if (event.key === "ArrowUp") this.openHistory();
    else if (event.key === "Escape" && open) this.closeList();
    else if (event.key === "Enter" && open && this.chosen >= 0) this.accept(this.chosen);
    else if (event.key === "Tab" && !event.shiftKey && open) this.accept(Math.max(0, this.chosen));
    else return;
    event.preventDefault();
  }

  /** `typing`: that something is still missing at the end is no problem yet. */
  private async showCheck(typing = false): Promise<FilterCheck> {
    clearTimeout(this.timer);
    const text = this.input.value;
    const check = await this.events.check(text);
    if (text !== this.input.value || (typing && check.problem?.length === 0)) return check;
    this.input.setAttribute("aria-invalid", String(check.problem !== undefined));
    this.notes.replaceChildren(...(check.problem ? problemLines(text, check.problem) : check.notes.map((note) => element("p", {}, [note]))));
    return check;
  }
}

/** The text with a caret under the wrong place, then what is wrong and what would be right. */
function problemLines(text: string, { message, hint, position, length }: NonNullable<FilterCheck["problem"]>): HTMLElement[] {
  const caret = `${" ".repeat(position)}^${"~".repeat(Math.max(0, length - 1))}`;
  const sentence = `Column ${position + 1}: ${message}.${hint === undefined ? "" : ` ${hint}`}`;
  return [element("pre", { class: "caret", "aria-hidden": "true" }, [`${text}\n${caret}`]), element("p", { class: "wrong" }, [sentence])];
}
