import { bpfCommand } from "./commands/bpf";
import { countersCommand } from "./commands/counters";
import { debugConfigCommand } from "./commands/debugConfig";
import { doctorCommand } from "./commands/doctor";
import { evidenceCommand } from "./commands/evidence";
import { explainCommand } from "./commands/explain";
import { listenersCommand } from "./commands/listeners";
import { resolveCommand } from "./commands/resolve";
import { socketsCommand } from "./commands/sockets";
import { sourceCommand } from "./commands/source";
import { stacksCommand } from "./commands/stacks";
import { traceCommand } from "./commands/trace";
import { runProgram } from "./runProgram";

export function runAllCommands(): void {
  runProgram([listenersCommand(), socketsCommand(), countersCommand(), traceCommand(), resolveCommand(), sourceCommand(), stacksCommand(), explainCommand(), evidenceCommand(), bpfCommand(), debugConfigCommand(), doctorCommand()]);
}
