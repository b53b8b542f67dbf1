import { type LogOutputChannel, window } from "vscode";
import { describeError } from "../../base/errors";
import { adviceFor } from "../../session/advice";
import { isCancelled } from "../async/isCancelled";

/** The one place where failures reach the user: what failed, why, what to do, and buttons for it. */
export class ErrorReporter {
  constructor(private readonly log: LogOutputChannel) {}

  /**
   * @param what  the task in words, “Trace TCP Resets”
   * @param retry  offered as a button when given, “Retry” unless it has another name
   */
  report(what: string, error: unknown, retry?: () => unknown, retryLabel = "Retry"): void {
    if (isCancelled(error)) return;
    this.note(what, error);
    const text = [`${what}: ${describeError(error)}.`.replace(/([.!?])\.$/, "$1"), adviceFor(error)].filter(Boolean).join(" ");
    const actions = [...(retry ? [retryLabel] : []), "Show Log"];
    void window.showErrorMessage(text, ...actions).then((choice) => {
      if (choice === retryLabel) void retry?.();
      if (choice === "Show Log") this.log.show();
    });
  }

  /** For the log alone: failures that the view they belong to already shows. */
  note(what: string, error: unknown): void {
    this.log.error(`${what}: ${describeError(error)}`);
    if (error instanceof Error && error.stack !== undefined) this.log.debug(error.stack);
    for (let cause = error instanceof Error ? error.cause : undefined; cause instanceof Error; cause = cause.cause) this.log.error(`  caused by: ${describeError(cause)}`);
  }
}
