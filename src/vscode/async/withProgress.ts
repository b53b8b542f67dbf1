import { ProgressLocation, window } from "vscode";

/** Runs a task behind a notification that can cancel it. `report` changes its second line. */
export function withProgress<T>(title: string, task: (signal: AbortSignal, report: (step: string) => void) => Promise<T>): Thenable<T> {
  return window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    const abort = new AbortController();
    const subscription = token.onCancellationRequested(() => abort.abort());
    try {
      return await task(abort.signal, (message) => progress.report({ message }));
    } catch (error) {
      // Whatever a cancelled task fails with, the user knows why.
      if (abort.signal.aborted) abort.signal.throwIfAborted();
      throw error;
    } finally {
      subscription.dispose();
    }
  });
}
