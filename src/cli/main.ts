import { interruptBudget } from "./interruptBudget";
import { loadPart } from "./loadPart";
import type * as All from "./runAllCommands";
import type * as Resolve from "./runResolve";
import type * as Sockets from "./runSocketCommands";

const [, , command = ""] = process.argv;

// Scripts call these in loops, or people instead of ss; reading the code of all commands takes longer than their work. So they are bundles of their own.
if (command === "resolve") (loadPart("cliResolve", interruptBudget.least) as typeof Resolve).runResolve();
else if (["listeners", "sockets", "counters"].includes(command)) (loadPart("cliSockets", interruptBudget.usual) as typeof Sockets).runSocketCommands();
else (loadPart("cliCommands", interruptBudget.usual) as typeof All).runAllCommands();
