import type { ResetTrace } from "../../session/host";
import type { SavedTrace } from "../../session/savedTrace";

/** A trace of another day: all of it is there, and nothing changes any more. */
export function importedTrace({ options, summary, groups }: SavedTrace): ResetTrace {
  return {
    options,
    groups: () => groups,
    summary: () => summary,
    onChange: () => ({ dispose: () => undefined }),
    ended: Promise.resolve(summary),
    stop: () => Promise.resolve(summary),
  };
}
