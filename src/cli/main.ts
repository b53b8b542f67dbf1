import { expectLittleWork } from "./compiling";
import { loadPart } from "./loadPart";
import type * as Resolve from "./runResolve";
import type * as Sockets from "./runSocketCommands";
import type * as All from "./runAllCommands";

const [, , command = ""] = process.argv;

expectLittleWork();

// Scripts call these in loops, or people instead of ss; reading the code of all commands takes longer than their work. So they are bundles of their own.
if (command === "resolve") (loadPart("cliResolve") as typeof Resolve).runResolve();
else if (["listeners", "sockets", "counters"].includes(command)) (loadPart("cliSockets") as typeof Sockets).runSocketCommands();
else (loadPart("cliCommands") as typeof All).runAllCommands();
