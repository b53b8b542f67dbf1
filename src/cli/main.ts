import { resolveCommand } from "./commands/resolve";
import { runProgram } from "./runProgram";

// Scripts call `resolve` in loops, and reading the code of all commands takes longer than its work: that is a bundle of its own.
if (process.argv[2] === "resolve") runProgram([resolveCommand()]);
else void import("./runAllCommands").then(({ runAllCommands }) => runAllCommands());
