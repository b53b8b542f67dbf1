import type { Page } from "playwright-core";
import { eventually } from "../../support/eventually";
import { artifact } from "./artifacts";
import { EditorArea } from "./editorArea";
import { Messages } from "./messages";
import { QuickInput } from "./quickInput";
import { TerminalPanel } from "./terminalPanel";
import { TreeView } from "./treeView";

/** A VS Code window with the packaged extension, used as a person would. */
export class Workbench {
  readonly quick: QuickInput;
  readonly messages: Messages;
  readonly editor: EditorArea;
  readonly terminal: TerminalPanel;

  constructor(
    readonly page: Page,
    /** The folder that is open in the window. */
    readonly folder: string,
    readonly close: () => Promise<void>,
  ) {
    this.quick = new QuickInput(page);
    this.messages = new Messages(page);
    this.editor = new EditorArea(page);
    this.terminal = new TerminalPanel(page);
  }

  /** Runs "KNetScope: <title>" from the palette. */
  async command(title: string, category = "KNetScope"): Promise<void> {
    await this.quick.runCommand(`${category}: ${title}`);
  }

  /** Shows KNetScope in the side bar, by its icon in the activity bar. */
  async openContainer(): Promise<void> {
    const item = this.page.locator('.part.activitybar .action-item:has(a.action-label[aria-label^="KNetScope"])').first();
    await item.waitFor();
    if ((await item.getAttribute("aria-selected")) !== "true") await item.locator("a.action-label").click();
    await this.page.locator(".part.sidebar .composite.title", { hasText: /KNetScope/i }).waitFor();
  }

  /** Drags the side bar's edge until it is this many pixels wide. */
  async resizeSideBar(width: number): Promise<void> {
    await this.openContainer();
    const box = await this.page.locator(".part.sidebar").boundingBox();
    if (!box) throw new Error("The side bar is not shown.");
    const [edge, middle] = [box.x + box.width, box.y + box.height / 2];
    // Not quite in the middle: there is the sash's own grip.
    await this.page.mouse.move(edge + 1, middle + 100);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + width, middle + 100, { steps: 5 });
    await this.page.mouse.up();
  }

  /** Titles of the views in the side bar, from top to bottom. */
  async viewTitles(): Promise<string[]> {
    const titles = this.page.locator(".part.sidebar .pane-header h3.title");
    await titles.first().waitFor();
    return titles.allTextContents();
  }

  /** One of the views Hosts, Listeners, Traces, Findings, opened. */
  async view(title: string): Promise<TreeView> {
    await this.openContainer();
    const view = new TreeView(this.page, title);
    await view.expandPane();
    return view;
  }

  /** Text of the status bar's items, icons left out. */
  async statusBar(): Promise<string[]> {
    return this.page.locator(".part.statusbar .statusbar-item:visible").evaluateAll((items) => items.map((item) => item.textContent.trim()).filter(Boolean));
  }

  /** Opens a file of the window's folder through Quick Open; again, while a file that was just written is not found there. */
  async openFile(name: string): Promise<void> {
    await eventually(async () => {
      await this.page.keyboard.press("Control+P");
      await this.quick.type(name);
      try {
        await this.quick.row(name).click({ timeout: 4000 });
      } catch (error) {
        await this.page.keyboard.press("Escape");
        throw error;
      }
    }, 30_000);
    await this.editor.waitForTab(name);
  }

  /** The same with the mouse where it is: for pictures of hovers. */
  async screenshotAsIs(name: string): Promise<void> {
    await this.page.screenshot({ path: artifact(`${name}.png`) });
  }

  /** Keeps a picture of the window as artifacts/e2e/<name>.png. */
  async screenshot(name: string): Promise<void> {
    const { width = 0, height = 0 } = this.page.viewportSize() ?? {};
    // Away from everything that answers the mouse, until the last tooltip has gone.
    await this.page.mouse.move(width / 2, height - 3);
    await this.page.locator(".workbench-hover").first().waitFor({ state: "hidden" });
    await this.page.screenshot({ path: artifact(`${name}.png`) });
  }
}
