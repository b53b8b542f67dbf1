import { setFlagsFromString } from "node:v8";
import { loadPart } from "./loadPart";
import type * as Resolve from "./runResolve";
import type * as Sockets from "./runSocketCommands";
import type * as All from "./runAllCommands";

const [, , command = ""] = process.argv;

// Most commands end before code that was optimized for them has paid for the optimizing, which is the larger part of their work otherwise.
// Later versions of V8 do not know the flag, and would say so on stderr. Kept code holds for the flags that it was made with.
if (process.versions.v8.startsWith("11.")) setFlagsFromString("--interrupt-budget=10000000");

// Scripts call these in loops, or people instead of ss; reading the code of all commands takes longer than their work. So they are bundles of their own.
if (command === "resolve") (loadPart("cliResolve") as typeof Resolve).runResolve();
else if (["listeners", "sockets", "counters"].includes(command)) (loadPart("cliSockets") as typeof Sockets).runSocketCommands();
else (loadPart("cliCommands") as typeof All).runAllCommands();
