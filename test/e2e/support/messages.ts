import type { Locator, Page } from "playwright-core";
import { QuickInput } from "./quickInput";

export interface Message {
  readonly text: string;
  readonly severity: "error" | "warning" | "info";
  readonly buttons: readonly string[];
}

/** Notification toasts and modal dialogs. */
export class Messages {
  private readonly toasts: Locator;
  private readonly box: Locator;

  constructor(private readonly page: Page) {
    this.toasts = page.locator(".notifications-toasts .notification-list-item");
    this.box = page.locator(".monaco-dialog-box");
  }

  /** Toasts on screen. */
  async all(): Promise<Message[]> {
    return this.toasts.evaluateAll((elements) =>
      elements.map((element) => {
        const has = (name: string) => element.querySelector(`.notification-list-item-icon.codicon-${name}`) !== null;
        return {
          text: element.querySelector(".notification-list-item-message")?.textContent ?? "",
          severity: has("error") ? ("error" as const) : has("warning") ? ("warning" as const) : ("info" as const),
          buttons: [...element.querySelectorAll(".notification-list-item-buttons-container .monaco-button")].map((button) => button.textContent),
        };
      }),
    );
  }

  /** Waits for a toast that contains the text, and gives its whole text. */
  async waitFor(text: string | RegExp, limit?: number): Promise<string> {
    const toast = this.toasts.filter({ hasText: text }).first();
    await toast.waitFor(limit === undefined ? {} : { timeout: limit });
    return (await toast.locator(".notification-list-item-message").textContent()) ?? "";
  }

  async click(text: string | RegExp, button: string): Promise<void> {
    await this.toasts.filter({ hasText: text }).first().locator(".monaco-button", { hasText: button }).first().click();
  }

  /** Dismisses all notifications, those that have gone out of sight too. */
  async clear(): Promise<void> {
    await new QuickInput(this.page).runCommand("Notifications: Clear All Notifications");
    await this.page.waitForFunction(() => document.querySelector(".notifications-toasts .notification-list-item") === null);
  }

  /** The modal dialog that is open. */
  async dialog(): Promise<{ message: string; detail: string; buttons: string[] }> {
    await this.box.waitFor();
    return this.box.evaluate((box) => ({
      message: box.querySelector(".dialog-message-text, .dialog-message")?.textContent ?? "",
      detail: box.querySelector(".dialog-message-detail")?.textContent ?? "",
      buttons: [...box.querySelectorAll(".dialog-buttons .monaco-button")].map((button) => button.textContent),
    }));
  }

  async clickDialog(button: string): Promise<void> {
    await this.box.locator(".dialog-buttons .monaco-button").getByText(button, { exact: true }).click();
    await this.box.waitFor({ state: "detached" });
  }
}
