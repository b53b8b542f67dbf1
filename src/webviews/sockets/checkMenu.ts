import { button, element } from "../element";

export interface MenuItem<Id extends string> {
  readonly id: Id;
  readonly title: string;
}

export interface MenuEvents<Id extends string> {
  /** The user ticked or unticked something. */
  onChange(chosen: ReadonlySet<Id>): void;
  /** The menu closed, after changes or without. */
  onClose?(): void;
}

/**
 * A button that unfolds check boxes. Down opens it and moves on, Up moves back, Home and End jump, Escape and leaving it close.
 * The last tick stays: a choice of nothing would show nothing.
 */
export class CheckMenu<Id extends string> {
  readonly root: HTMLDetailsElement;
  private readonly summary = element("summary");
  private readonly group: HTMLElement;
  private boxes = new Map<Id, HTMLInputElement>();

  constructor(
    private readonly label: string,
    private readonly events: MenuEvents<Id>,
    private readonly reset: { readonly label: string; readonly run: () => void },
  ) {
    this.group = element("div", { role: "group", "aria-label": label });
    this.root = element("details", { class: "menu" }, [this.summary, this.group]);
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    this.root.addEventListener("toggle", () => {
      if (!this.root.open) events.onClose?.();
    });
    this.root.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.root.contains(relatedTarget))) this.root.open = false;
    });
    // A press on a label must not take the focus away, which would close the menu before the click.
    this.group.addEventListener("mousedown", (event) => event.preventDefault());
  }

  /** `text`: what the button says. */
  set(items: readonly MenuItem<Id>[], chosen: readonly Id[], text = this.label): void {
    this.summary.textContent = text;
    const ids = items.map(({ id }) => id);
    if (ids.join() !== [...this.boxes.keys()].join()) this.draw(items);
    for (const [id, box] of this.boxes) box.checked = chosen.includes(id);
  }

  private draw(items: readonly MenuItem<Id>[]): void {
    this.boxes = new Map(items.map(({ id }) => [id, this.box(id)]));
    const labels = items.map(({ id, title }) => element("label", {}, [this.boxes.get(id) ?? "", title]));
    this.group.replaceChildren(...labels, button(this.reset.label, () => this.reset.run()));
  }

  private box(id: Id): HTMLInputElement {
    const box = element("input", { type: "checkbox", "data-id": id });
    box.addEventListener("change", () => {
      const chosen = this.chosen;
      if (chosen.size === 0) box.checked = true;
      else this.events.onChange(chosen);
    });
    return box;
  }

  private get chosen(): ReadonlySet<Id> {
    return new Set([...this.boxes].filter(([, { checked }]) => checked).map(([id]) => id));
  }

  private onKey(event: KeyboardEvent): void {
    const places: HTMLElement[] = [...this.boxes.values(), ...this.group.querySelectorAll("button")];
    const at = places.findIndex((place) => place === document.activeElement);
    const moves: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: places.length - 1 };
    const target = moves[event.key];
    if (event.key === "Escape" && this.root.open) {
      this.root.open = false;
      this.summary.focus();
    } else if (target !== undefined) {
      this.root.open = true;
      places[(target + places.length) % places.length]?.focus();
    } else return;
    event.preventDefault();
  }
}
