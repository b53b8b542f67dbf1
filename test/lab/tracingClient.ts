/** A process of its own that traces on a target, to be killed: `tracingClient.ts TARGET 0|1`, by which of `traceRows`. Prints `1` once the first is attached, and so on. */
import { setInterval } from "node:timers";
import { requireState } from "./labState";
import { startRows } from "./tracedHost";
import { traceRows } from "./traceRows";

const tell = (started: number): Promise<void> => {
  console.log(started);
  return Promise.resolve();
};

startRows(requireState(process.argv[2] ?? ""), traceRows[process.argv[3] === "1" ? 1 : 0], tell).then(
  () => void setInterval(() => undefined, 60_000),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
