import { errorCode } from "../../base/errors";

/** Whether an error only says that somebody cancelled: nothing to report then. Unanswered questions are such, too. */
export function isCancelled(error: unknown): boolean {
  if (errorCode(error)?.endsWith("/cancelled")) return true;
  return error instanceof Error && (error.name === "AbortError" || error.name === "Canceled" || error.name === "CancellationError");
}
