import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { describeError } from "../../src/base/errors";
import { ensureDebug, ensureSource } from "./ensureDebug";
import { downLab } from "./downLab";
import { setLink, sshArgv } from "./guestControl";
import { labKernels, parseLabKernel, type LabKernel } from "./labKernel";
import { requireState, runningTargets } from "./labState";
import { scenarioCommand, type ScenarioArguments } from "./scenarioCommand";
import { rebootLab, upLab } from "./upLab";

const usage = `npm run lab -- COMMAND [--kernel ${labKernels.join("|")}] [--name NAME]

  up                 build what is missing, boot a target, wait for its sshd (default kernel: 6.1);
                     --gdb: with a gdb stub on loopback, its address is printed
  down               end one target (with --kernel or --name) or all
  status             table of the running targets
  ssh [COMMAND…]     a shell on a target, or one command; --user USER for another user than root
  fetch              bring debuginfo and kernel source of a kernel into the cache
  scenario NAME      make one known thing happen on a target and check it (--list; --trace; --hold SECONDS; "all")
  link up|down       plug or pull a target's network cable
  reboot             cut a target's power and boot it again
`;

interface Arguments {
  readonly command: string;
  readonly rest: readonly string[];
  readonly kernel: LabKernel;
  readonly name: string;
  /** True when a target was named at all. */
  readonly named: boolean;
  readonly user: string;
  readonly gdb: boolean;
  readonly scenario: ScenarioArguments;
}

function parse(argv: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      kernel: { type: "string" }, name: { type: "string" }, user: { type: "string" }, help: { type: "boolean" },
      list: { type: "boolean" }, trace: { type: "boolean" }, hold: { type: "string" }, gdb: { type: "boolean" },
    },
  });
  const [command = "help", ...rest] = positionals;
  const kernel = parseLabKernel(values.kernel ?? "6.1");
  return {
    command: values.help === true ? "help" : command, rest, kernel, name: values.name ?? kernel,
    named: values.kernel !== undefined || values.name !== undefined, user: values.user ?? "root", gdb: values.gdb === true,
    scenario: { list: values.list === true, trace: values.trace === true, holdSeconds: Number(values.hold ?? 0) },
  };
}

const log = (line: string): void => console.error(line);

async function up({ kernel, name, gdb }: Arguments): Promise<number> {
  const state = await upLab(kernel, { name, gdb, log });
  console.log(`${state.alias} is up (${state.release}, port ${state.port}): ssh -F ${state.sshConfigFile} ${state.alias}`);
  if (state.gdbAddress !== undefined) console.log(`gdb stub at ${state.gdbAddress}: knetscope debug-config --host ${state.alias} --ssh-config ${state.sshConfigFile} --target ${state.gdbAddress}`);
  return 0;
}

function status(): number {
  const rows = runningTargets().map((state) => [state.alias, state.release, String(state.port), String(state.pid), `${Math.round((Date.now() - state.startedAt) / 60_000)} min`, state.vmlinux === undefined ? "no" : "yes"]);
  const table = [["ALIAS", "RELEASE", "PORT", "PID", "UP", "DEBUGINFO"], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd());
  return 0;
}

function ssh({ name, user, rest }: Arguments): Promise<number> {
  const [program = "ssh", ...args] = sshArgv(requireState(name), rest, user);
  return new Promise((resolve) => {
    spawn(program, args, { stdio: "inherit" }).once("exit", (code) => resolve(code ?? 1));
  });
}

async function run(given: Arguments): Promise<number> {
  switch (given.command) {
    case "up":
      return up(given);
    case "down":
      for (const name of await downLab(given.named ? given.name : undefined)) console.log(`${name} is down`);
      return 0;
    case "status":
      return status();
    case "ssh":
      return ssh(given);
    case "fetch":
      console.log(await ensureDebug(given.kernel, log));
      console.log(await ensureSource(given.kernel, log));
      return 0;
    case "scenario":
      return scenarioCommand(given.rest, given.name, given.scenario);
    case "link":
      await setLink(given.name, given.rest[0] !== "down");
      return 0;
    case "reboot":
      await rebootLab(given.name, log);
      return 0;
    default:
      console.log(usage);
      return given.command === "help" ? 0 : 2;
  }
}

async function main(): Promise<void> {
  try {
    process.exitCode = await run(parse(process.argv.slice(2)));
  } catch (error) {
    console.error(describeError(error));
    process.exitCode = 1;
  }
}

void main();
