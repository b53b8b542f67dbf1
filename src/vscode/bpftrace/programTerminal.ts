import { EventEmitter, type Pseudoterminal, type Terminal, ThemeIcon, window } from "vscode";
import { describeError } from "../../base/errors";
import { adviceFor } from "../../session/advice";
import type { Host } from "../../session/host";
import type { RunningProgram } from "../../session/runProgram";

const interrupt = "\x03";
const colors = { dim: "\x1b[2m", red: "\x1b[31m", reset: "\x1b[0m" };

/** Runs a program in a terminal of its own: Ctrl-C ends it in order, closing the terminal too. */
export function openProgramTerminal(host: Host, title: string, text: string): Terminal {
  const terminal = window.createTerminal({ name: `${title} on ${host.name}`, iconPath: new ThemeIcon("play"), pty: new ProgramTerminal(host, title, text), isTransient: true });
  terminal.show();
  return terminal;
}

class ProgramTerminal implements Pseudoterminal {
  private readonly writer = new EventEmitter<string>();
  private readonly closer = new EventEmitter<number>();
  private readonly abort = new AbortController();
  private running: RunningProgram | undefined;
  private hasEnded = false;
  readonly onDidWrite = this.writer.event;
  readonly onDidClose = this.closer.event;

  constructor(
    private readonly host: Host,
    private readonly title: string,
    private readonly text: string,
  ) {}

  open(): void {
    void this.run();
  }

  close(): void {
    this.stop();
  }

  handleInput(data: string): void {
    if (this.hasEnded) this.closer.fire(0);
    else if (data.includes(interrupt)) this.stop();
  }

  private stop(): void {
    this.abort.abort();
    void this.running?.stop();
  }

  private async run(): Promise<void> {
    this.say(`${this.title} on ${this.host.name}; Ctrl-C ends it`, colors.dim);
    try {
      this.running = await this.host.runProgram({
        text: this.text,
        onOutput: (output, lines) => {
          if (output.kind === "attached") this.say(`${lines.join(" ")} attaching…`, colors.dim);
          else for (const line of lines) this.say(line, output.kind === "problem" || output.kind === "lost" ? colors.red : "");
        },
      }, this.abort.signal);
      await this.running.ended;
    } catch (error) {
      if (!this.abort.signal.aborted) this.say([describeError(error), adviceFor(error)].filter((part) => part !== undefined).join(" "), colors.red);
    }
    this.hasEnded = true;
    this.say("ended; press a key to close", colors.dim);
  }

  private say(line: string, color: string): void {
    this.writer.fire(`${color}${line}${color === "" ? "" : colors.reset}\r\n`);
  }
}
