/** Whether an error only says that someone cancelled: nothing to report then. */
export function isCancelled(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "Canceled" || error.name === "CancellationError");
}
