import type { Locator, Page } from "playwright-core";
import { eventually } from "../../support/eventually";

export interface TreeRow {
  readonly label: string;
  readonly description: string;
  /** 1 for a root. */
  readonly level: number;
  /** Undefined for a row that cannot have children. */
  readonly expanded: boolean | undefined;
  /** What a screen reader says. */
  readonly aria: string;
}

/** One view (a pane) in the side bar. Rows that are scrolled out of sight do not exist: `maximize` makes room. */
export class TreeView {
  private readonly pane: Locator;
  private readonly header: Locator;

  constructor(
    private readonly page: Page,
    readonly title: string,
  ) {
    this.pane = page.locator(".part.sidebar .pane").filter({ has: page.locator(".pane-header h3.title").getByText(title, { exact: true }) });
    this.header = this.pane.locator(".pane-header");
  }

  async expandPane(): Promise<void> {
    await this.header.waitFor();
    if ((await this.header.getAttribute("aria-expanded")) === "false") await this.header.click();
  }

  /** Collapses the other views of the side bar. */
  async maximize(): Promise<void> {
    await this.expandPane();
    const others = this.page.locator('.part.sidebar .pane-header[aria-expanded="true"]').filter({ hasNot: this.page.locator("h3.title").getByText(this.title, { exact: true }) });
    while ((await others.count()) > 0) await others.first().click();
  }

  row(label: string | RegExp): Locator {
    const name = this.page.locator(".monaco-icon-label-container");
    const matching = typeof label === "string" ? name.getByText(label, { exact: true }) : name.getByText(label);
    return this.pane.locator('.monaco-list-row[role="treeitem"]').filter({ has: matching }).first();
  }

  /** Rows in sight, from top to bottom. */
  async rows(): Promise<TreeRow[]> {
    return this.pane.locator('.monaco-list-row[role="treeitem"]').evaluateAll((elements) => {
      const top = (element: Element) => element.getBoundingClientRect().top;
      const text = (element: Element, selector: string) => [...element.querySelectorAll(selector)].map((part) => part.textContent).join("");
      return elements
        .sort((a, b) => top(a) - top(b))
        .map((element) => ({
          label: text(element, ".label-name, .label-suffix"),
          description: text(element, ".label-description"),
          level: Number(element.getAttribute("aria-level")),
          expanded: element.hasAttribute("aria-expanded") ? element.getAttribute("aria-expanded") === "true" : undefined,
          aria: element.getAttribute("aria-label") ?? "",
        }));
    });
  }

  /** Rows in sight as text: two spaces a level, then label and description. */
  async text(): Promise<string> {
    const rows = await this.rows();
    return rows.map(({ level, label, description }) => `${"  ".repeat(level - 1)}${label}${description ? `  ${description}` : ""}`).join("\n");
  }

  async waitForRow(label: string | RegExp, limit?: number): Promise<Locator> {
    const row = this.row(label);
    await row.waitFor(limit === undefined ? {} : { timeout: limit });
    return row;
  }

  /** Opens a row, as soon as it has children, and waits for the first of them: `aria-expanded` is true before they are drawn. */
  async expand(label: string | RegExp, limit?: number): Promise<void> {
    await this.waitForRow(label, limit);
    await eventually(async () => {
      const row = this.row(label);
      if ((await row.getAttribute("aria-expanded")) === "false") await row.locator(".monaco-tl-twistie").click();
      const hasChild = await row.evaluate((element) => {
        const top = (other: Element) => other.getBoundingClientRect().top;
        const level = (other: Element | undefined) => Number(other?.getAttribute("aria-level"));
        const rows = [...(element.parentElement?.children ?? [])].sort((a, b) => top(a) - top(b));
        return element.getAttribute("aria-expanded") === "true" && level(rows[rows.indexOf(element) + 1]) > level(element);
      });
      if (!hasChild) throw new Error(`${String(label)} in ${this.title} shows no child:\n${await this.text()}`);
    }, limit);
  }

  async click(label: string | RegExp): Promise<void> {
    await (await this.waitForRow(label)).locator(".monaco-icon-label-container").click();
  }

  /** Clicks one of the buttons that a row shows under the mouse. */
  async clickAction(label: string | RegExp, action: string): Promise<void> {
    const row = await this.waitForRow(label);
    await row.hover();
    await row.locator(`.actions a.action-label[aria-label^="${action}"]`).click();
  }

  /** Chooses an item of a row's context menu. */
  async chooseFromMenu(label: string | RegExp, item: string): Promise<void> {
    await (await this.waitForRow(label)).locator(".monaco-icon-label-container").click({ button: "right" });
    await this.page.locator(".monaco-menu .action-menu-item").filter({ has: this.page.locator(".action-label").getByText(item, { exact: true }) }).first().hover();
    // Not a click: a menu ignores the mouse for a moment after it has opened.
    await this.page.keyboard.press("Enter");
  }

  /** Clicks a button in the view's title. */
  async clickTitleAction(action: string): Promise<void> {
    await this.pane.hover();
    await this.header.locator(`a.action-label[aria-label^="${action}"]`).click();
  }

  /** What the view says while it is empty, its buttons among it. */
  async welcome(): Promise<string[]> {
    const welcome = this.pane.locator(".welcome-view-content");
    await welcome.locator(":scope > *").first().waitFor();
    return welcome.locator(":scope > *").allInnerTexts();
  }

  async clickWelcome(button: string): Promise<void> {
    await this.pane.locator(".welcome-view-content").getByText(button, { exact: true }).click();
  }
}
