import { resolveCommand } from "./commands/resolve";
import { runProgram } from "./runProgram";

export function runResolve(): void {
  runProgram([resolveCommand()]);
}
