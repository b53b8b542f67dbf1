import { Command, CommanderError } from "commander";

/** Runs the command line with the given commands. */
export function runProgram(commands: readonly Command[]): void {
  const program = new Command("knetscope")
    .description("Kernel network debugging: listen queues, sockets, who sent this RST and why, kernel stacks to source lines.")
    .version(process.env.KNETSCOPE_VERSION ?? "development", "-V, --version")
    .showHelpAfterError("(--help shows what is possible)")
    .addHelpText("after", "\nExit status: 0 done, 1 could not (stderr says what and what to do), 2 wrong usage.");
  for (const command of commands) program.addCommand(command);
  exitWithStatus(program);

  // `… | head` ends before we do: what is left has no reader, and that is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });

  program.parseAsync().catch((error: unknown) => {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  });
}

/** Commander ends the process with 1 on wrong usage; ours is 2. */
function exitWithStatus(command: Command): void {
  command.exitOverride();
  command.configureOutput({ outputError: (text, write) => write(text) });
  for (const sub of command.commands) exitWithStatus(sub);
}
