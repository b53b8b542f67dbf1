/** A process of its own that runs every collector on a target, to be killed: `tracingClient.ts TARGET`. Prints `tracing` once all are attached. */
import { setInterval } from "node:timers";
import { requireState } from "./labState";
import { startRows } from "./tracedHost";

startRows(requireState(process.argv[2] ?? "")).then(
  () => {
    console.log("tracing");
    setInterval(() => undefined, 60_000);
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
