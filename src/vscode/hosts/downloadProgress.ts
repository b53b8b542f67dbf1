import { type Progress, ProgressLocation, window } from "vscode";

/** What takes less needs no notification. */
const quickMs = 400;

/** Shows downloads in one notification, whose button cancels them. The result is to be told their state in words, empty at the end. */
export function downloadProgress(): (text: string, cancel: () => void) => void {
  let shown: Notification | undefined;
  return (text, cancel) => {
    if (text === "") {
      shown?.close();
      shown = undefined;
      return;
    }
    shown ??= new Notification(cancel);
    shown.say(text);
  };
}

class Notification {
  private text = "";
  private progress: Progress<{ message: string }> | undefined;
  private end: (() => void) | undefined;
  private readonly timer: NodeJS.Timeout;

  constructor(cancel: () => void) {
    this.timer = setTimeout(() => this.open(cancel), quickMs);
  }

  say(text: string): void {
    this.text = text;
    this.progress?.report({ message: text });
  }

  close(): void {
    clearTimeout(this.timer);
    this.end?.();
  }

  private open(cancel: () => void): void {
    const ended = new Promise<void>((resolve) => (this.end = resolve));
    void window.withProgress({ location: ProgressLocation.Notification, title: "KNetScope", cancellable: true }, (progress, token) => {
      token.onCancellationRequested(cancel);
      this.progress = progress;
      progress.report({ message: this.text });
      return ended;
    });
  }
}
