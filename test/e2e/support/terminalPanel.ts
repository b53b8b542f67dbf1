import type { Page } from "playwright-core";

const rows = ".xterm .xterm-rows > div";

/** The terminal's screen. It is text and not a canvas because the tests' settings turn its graphics acceleration off. */
export class TerminalPanel {
  constructor(private readonly page: Page) {}

  async text(): Promise<string> {
    await this.page.locator(rows).first().waitFor();
    return this.page.locator(rows).evaluateAll((all) => all.map((row) => row.textContent.replaceAll("\u00a0", " ").trimEnd()).join("\n").trim());
  }

  async waitForText(text: string, limit?: number): Promise<void> {
    const shown = ({ rows, text }: { rows: string; text: string }) =>
      [...document.querySelectorAll(rows)].some((row) => row.textContent.replaceAll("\u00a0", " ").includes(text));
    await this.page.waitForFunction(shown, { rows, text }, limit === undefined ? {} : { timeout: limit });
  }

  /** Types a line into the terminal that has the focus. */
  async type(line: string): Promise<void> {
    await this.page.locator(".xterm").first().click();
    await this.page.keyboard.type(line);
    await this.page.keyboard.press("Enter");
  }

  /** Ctrl+clicks a link, at the last place where its text stands, once VS Code shows it as a link. */
  async clickLink(text: string): Promise<void> {
    await this.waitForText(text);
    for (let attempt = 1; ; attempt++) {
      const { x, y } = await this.centreOf(text);
      await this.page.mouse.move(x, y + 40);
      await this.page.mouse.move(x, y);
      try {
        await this.page.locator(".workbench-hover, .monaco-hover").getByText("ctrl + click").first().waitFor({ timeout: 3000 });
      } catch (error) {
        if (attempt === 4) throw new Error(`"${text}" in the terminal is no link.`, { cause: error });
        continue;
      }
      await this.page.keyboard.down("Control");
      await this.page.mouse.click(x, y);
      await this.page.keyboard.up("Control");
      return;
    }
  }

  /** A row is drawn as spans of one style each, so a text may begin in one and end in another. */
  private async centreOf(text: string): Promise<{ x: number; y: number }> {
    const centre = await this.page.locator(rows).evaluateAll((all, wanted) => {
      const row = all.findLast((element) => element.textContent.replaceAll("\u00a0", " ").includes(wanted));
      if (!row) return undefined;
      const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
      const start = row.textContent.replaceAll("\u00a0", " ").lastIndexOf(wanted);
      const range = document.createRange();
      let offset = 0;
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const length = node.textContent?.length ?? 0;
        const within = (position: number) => position >= offset && position < offset + length;
        if (within(start)) range.setStart(node, start - offset);
        if (within(start + wanted.length - 1)) range.setEnd(node, start + wanted.length - offset);
        offset += length;
      }
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    }, text);
    if (!centre) throw new Error(`"${text}" is not on the terminal's screen.`);
    return centre;
  }
}
