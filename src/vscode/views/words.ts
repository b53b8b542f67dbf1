import type { SocketProcess } from "../../collectors/socketModel";

/** A number that may be unknown. Unknown is `?`, never 0. */
export const known = (value: number | undefined): string => (value === undefined ? "?" : String(value));

/** `nginx[812]`, `nginx[812] +3` for a socket shared by four, nothing when unknown. */
export function processText(processes: readonly Pick<SocketProcess, "pid" | "name">[]): string {
  const pids = [...new Map(processes.map((process) => [process.pid, process])).values()];
  const first = pids[0];
  if (!first) return "";
  return `${first.name}[${first.pid}]${pids.length > 1 ? ` +${pids.length - 1}` : ""}`;
}

export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

/** `12:03:59`, in the reader's own time. */
export const clockText = (milliseconds: number): string => new Date(milliseconds).toLocaleTimeString(undefined, { hour12: false });

export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
