import type { HostTrace } from "../../session/host";
import type { SavedTrace } from "../../session/savedTrace";

/** A trace of another day: all of it is there, and nothing changes any more. */
export function importedTrace({ request, summary, groups }: SavedTrace): HostTrace {
  return {
    request,
    groups: () => groups,
    summary: () => summary,
    onChange: () => ({ dispose: () => undefined }),
    ended: Promise.resolve(summary),
    stop: () => Promise.resolve(summary),
  };
}
