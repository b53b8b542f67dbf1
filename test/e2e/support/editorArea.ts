import assert from "node:assert/strict";
import type { FrameLocator, Locator, Page } from "playwright-core";
import { eventually } from "../../support/eventually";

const tabs = ".part.editor .tabs-container .tab";
const activeGroup = ".part.editor .editor-group-container.active";
const activeEditor = `${activeGroup} .editor-instance .monaco-editor[role="code"]`;

/** Tabs, text and webviews of the editor area. */
export class EditorArea {
  private readonly lines: Locator;

  constructor(private readonly page: Page) {
    this.lines = page.locator(`${activeEditor} .view-lines`).first();
  }

  /** Names of the tabs; the label on screen is split into name and extension, so the tab's own attribute is taken. */
  async tabs(): Promise<string[]> {
    return this.page.locator(tabs).evaluateAll((all) => all.map((tab) => tab.getAttribute("data-resource-name") ?? ""));
  }

  async waitForTab(name: string, limit?: number): Promise<void> {
    await this.page.locator(`${tabs}.active[data-resource-name="${name}"]`).first().waitFor(limit === undefined ? {} : { timeout: limit });
  }

  /** Brings a tab to the front, by its name or its beginning. */
  async showTab(name: RegExp): Promise<void> {
    const names = await this.tabs();
    const found = names.find((each) => name.test(each));
    if (found === undefined) throw new Error(`No tab ${name}, but ${names.join(", ")}`);
    await this.page.locator(`${tabs}[data-resource-name="${found}"]`).first().click();
    await this.waitForTab(found);
  }

  async closeAll(): Promise<void> {
    await this.page.keyboard.press("Control+K");
    await this.page.keyboard.press("Control+W");
    await this.page.locator(tabs).first().waitFor({ state: "detached" });
  }

  /** Lines of the active editor that are on screen: it draws no others. */
  async visibleText(): Promise<string> {
    await this.lines.locator(".view-line").first().waitFor();
    return this.lines.evaluate((view) =>
      [...view.querySelectorAll<HTMLElement>(".view-line")]
        .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
        .map((line) => line.textContent.replaceAll("\u00a0", " "))
        .join("\n"),
    );
  }

  /** What is drawn behind lines on screen without being text: style sheets hold it. */
  async annotations(): Promise<readonly string[]> {
    return this.lines.locator('span[class*="ced-"]').evaluateAll((spans) => spans.map((span) => getComputedStyle(span, "::after").content).filter((content) => content !== "none"));
  }

  /** The whole text of the active editor, by Select All and Copy. */
  async text(): Promise<string> {
    const nothing = "\u0000";
    await this.focus();
    await this.page.evaluate((text) => navigator.clipboard.writeText(text), nothing);
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.press("Control+C");
    await this.page.waitForFunction(async (text) => (await navigator.clipboard.readText()) !== text, nothing);
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** Line and column of the cursor, as the status bar shows them, from 1. */
  async cursor(): Promise<{ line: number; column: number }> {
    const item = this.page.locator(".part.statusbar .statusbar-item", { hasText: /^Ln \d+, Col \d+/ });
    const match = /Ln (\d+), Col (\d+)/.exec((await item.textContent()) ?? "");
    if (!match) throw new Error("The status bar shows no cursor position.");
    return { line: Number(match[1]), column: Number(match[2]) };
  }

  /** Text of the line that the cursor is in. */
  async cursorLine(): Promise<string> {
    const { line } = await this.cursor();
    return this.page.locator(activeEditor).first().evaluate((editor, wanted) => {
      const at = (selector: string) => [...editor.querySelectorAll<HTMLElement>(selector)];
      const number = at(".line-numbers").find((element) => element.textContent.trim() === String(wanted))?.parentElement;
      const found = at(".view-line").find((element) => number && element.style.top === number.style.top);
      if (!found) throw new Error(`Line ${wanted} is not on screen.`);
      return found.textContent.replaceAll("\u00a0", " ");
    }, line);
  }

  /** Types at the cursor. */
  async type(text: string): Promise<void> {
    await this.focus();
    await this.page.keyboard.insertText(text);
  }

  /** Rests the mouse on a piece of the text that is on screen until the hover says what is wanted. A rest that the window did not notice, busy as it was, is made anew. */
  async hoverSays(text: string, wanted: RegExp, limit = 60_000): Promise<void> {
    const hover = this.page.locator(".monaco-editor .monaco-hover:visible .hover-contents:visible");
    const end = Date.now() + limit;
    for (let patience = 5_000; ; patience *= 2) {
      const { x, y } = await this.place(text);
      await this.page.mouse.move(x, y + 200);
      await this.page.mouse.move(x - 3, y);
      await this.page.mouse.move(x, y);
      const says = async (): Promise<void> => assert.match((await hover.allTextContents()).join("\n").replaceAll("\u00a0", " "), wanted);
      if (await eventually(says, patience).then(() => true, (error: unknown) => Date.now() > end && Promise.reject(error as Error))) return;
    }
  }

  /** Ctrl+click on a piece of the text. */
  async followLink(text: string): Promise<void> {
    const { x, y } = await this.place(text);
    await this.page.keyboard.press("Escape");
    await this.page.keyboard.down("Control");
    await this.page.mouse.move(x - 3, y);
    await this.page.mouse.move(x, y);
    await this.page.mouse.click(x, y);
    await this.page.keyboard.up("Control");
  }

  /** A point on the middle of a piece of text. */
  private async place(text: string): Promise<{ readonly x: number; readonly y: number }> {
    await this.lines.locator(".view-line").first().waitFor();
    const place = await this.lines.evaluate((view, wanted) => {
      for (const line of view.querySelectorAll<HTMLElement>(".view-line")) {
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const at = (node.textContent ?? "").replaceAll("\u00a0", " ").indexOf(wanted.split("+")[0] ?? wanted);
          if (at < 0 || !line.textContent.replaceAll("\u00a0", " ").includes(wanted)) continue;
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + 4);
          const box = range.getBoundingClientRect();
          return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        }
      }
      return undefined;
    }, text);
    if (!place) throw new Error(`"${text}" is not on screen.`);
    return place;
  }

  /** The document inside a webview, which lies two frames deep. */
  webview(nth = 0): FrameLocator {
    return this.page.locator("iframe.webview.ready").nth(nth).contentFrame().locator("iframe#active-frame").contentFrame();
  }

  private async focus(): Promise<void> {
    await this.page.locator(activeEditor).first().locator(".native-edit-context, textarea.inputarea").first().focus();
  }
}
