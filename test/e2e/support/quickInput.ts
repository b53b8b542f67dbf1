import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Locator, Page } from "playwright-core";
import { eventually } from "../../support/eventually";

export interface QuickState {
  readonly title: string;
  readonly placeholder: string;
  /** The prompt, or what is wrong with the text so far. */
  readonly message: string;
  readonly value: string;
  readonly items: readonly string[];
}

/** Which pick or input box is meant; the palette and every pick share one widget, so an answer first waits for the right one. */
export interface QuickMatch {
  readonly title?: string;
  readonly placeholder?: string;
  /** How the prompt begins: tells the boxes of one title apart, where the one before may still be shown. */
  readonly prompt?: string;
}

/** The widget of picks, input boxes and the command palette. */
export class QuickInput {
  private readonly widget: Locator;
  private readonly box: Locator;
  private readonly rows: Locator;

  constructor(private readonly page: Page) {
    this.widget = page.locator(".quick-input-widget:visible");
    this.box = this.widget.locator(".quick-input-box input");
    this.rows = this.widget.locator(".quick-input-list .monaco-list-row");
  }

  row(label: string | RegExp): Locator {
    return this.rows.filter({ has: this.page.locator(".label-name").getByText(label, { exact: true }) }).first();
  }

  async waitFor(match: QuickMatch): Promise<void> {
    await this.box.waitFor();
    await this.page.waitForFunction(({ title, placeholder, prompt }) => {
      const widget = [...document.querySelectorAll(".quick-input-widget")].find((element) => getComputedStyle(element).display !== "none");
      const shownTitle = widget?.querySelector(".quick-input-title")?.textContent;
      const shownPlaceholder = widget?.querySelector<HTMLInputElement>(".quick-input-box input")?.placeholder;
      const shownPrompt = widget?.querySelector(".quick-input-message")?.textContent ?? "";
      const fits = (wanted: string | undefined, shown: string | null | undefined) => wanted === undefined || shown === wanted;
      return widget !== undefined && fits(title, shownTitle) && fits(placeholder, shownPlaceholder) && shownPrompt.startsWith(prompt ?? "");
    }, match);
  }

  async state(): Promise<QuickState> {
    return this.widget.evaluate((widget) => {
      const text = (selector: string) => widget.querySelector(selector)?.textContent ?? "";
      const box = widget.querySelector<HTMLInputElement>(".quick-input-box input");
      const items = [...widget.querySelectorAll(".quick-input-list .monaco-list-row .label-name")].map((item) => item.textContent);
      return { title: text(".quick-input-title"), message: text(".quick-input-message"), placeholder: box?.placeholder ?? "", value: box?.value ?? "", items };
    });
  }

  /** Types into the box and leaves it open; again, when it was given its first value only then (the file dialog's comes late). */
  async type(text: string, match: QuickMatch = {}): Promise<void> {
    await this.waitFor(match);
    await eventually(async () => {
      await this.box.fill(text);
      await sleep(200);
      assert.ok((await this.box.inputValue()).startsWith(text));
    });
  }

  /** Answers an input box. */
  async enter(text: string, match: QuickMatch = {}): Promise<void> {
    await this.type(text, match);
    await this.box.press("Enter");
  }

  /** Answers a pick with the row of exactly this label. */
  async pick(label: string | RegExp, match: QuickMatch = {}): Promise<void> {
    await this.waitFor(match);
    await this.row(label).click();
  }

  /** Runs a command by its title in the palette, "Category: Title"; tries again while extensions still add theirs. */
  async runCommand(title: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press("F1");
      try {
        await this.box.waitFor({ timeout: 5000 });
        await this.box.fill(`>${title}`);
        await this.row(title).click({ timeout: 5000 });
        return;
      } catch (error) {
        await this.page.keyboard.press("Escape");
        if (attempt === 3) throw new Error(`The palette has no command "${title}".`, { cause: error });
      }
    }
  }
}
