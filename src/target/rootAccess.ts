import { DomainError } from "../base/errors";
import type { OpenChannel } from "./channel";
import { exchange } from "./channel";
import type { CommandResult } from "./command";
import { shellScript } from "./command";

/** What goes before a command to run it as root, and the line that sudo reads first from standard input. */
export interface RootPrefix {
  readonly prefix: readonly string[];
  readonly password?: string;
}

export type AskSudoPassword = (question: { user: string; host: string; attempt: number }) => Promise<string | undefined>;

const attempts = 3;
const proof = "knetscope-root";

/** Prints the user's name, then `root`, `no-sudo-program`, or what `sudo -n` says. */
const probeScript = `id -un
[ "$(id -u)" != 0 ] || { echo root; exit 0; }
command -v sudo >/dev/null 2>&1 || { echo no-sudo-program; exit 0; }
LC_ALL=C sudo -n -- sh -c 'echo ${proof}' 2>&1
exit 0`;

/** sudo's words, in the C locale (plugins/sudoers/{sudoers,check,logging}.c and src/tgetpass.c of sudo), and what each means. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/^no-sudo-program$/, "it is not root and there is no sudo"],
  [/you must have a tty/, "sudo there insists on a terminal (requiretty in sudoers)"],
  [/not in the sudoers file|not allowed to (run sudo|execute)|may not run sudo/, "sudo does not permit it to this user"],
  [/no new privileges/, "the process may not gain privileges (no_new_privs)"],
  [/account (validation failure|has expired)|password (has )?expired/, "the account or its password has expired"],
];

/**
 * How to become root on a target, found out once: directly, by sudo without a password, or by sudo with a
 * password. That is asked for at most three times, kept in memory only and goes over standard input.
 * `sudo -n` cannot tell “password needed” from “no right”, so the difference shows only after a password was given.
 */
export class RootAccess {
  private found: Promise<RootPrefix> | undefined;
  /** A refusal that asking again would not change. */
  private final = false;

  constructor(
    private readonly host: string,
    private readonly open: OpenChannel,
    private readonly ask: AskSudoPassword | undefined,
  ) {}

  /** @throws DomainError `target/no-sudo`, `target/wrong-password` */
  obtain(signal?: AbortSignal): Promise<RootPrefix> {
    this.found ??= this.find(signal).catch((error: unknown) => {
      if (!this.final) this.found = undefined;
      throw error;
    });
    return this.found;
  }

  private async find(signal?: AbortSignal): Promise<RootPrefix> {
    const answer = text(await exchange(this.open, shellScript(probeScript), "", signal));
    const [user = "", ...rest] = answer.split("\n");
    const verdict = rest.join("\n").trim();
    if (verdict === "root") return { prefix: [] };
    if (verdict === "no-sudo-program") throw this.refusal(user, "no-sudo-program");
    if (verdict.includes(proof)) return { prefix: ["env", "LC_ALL=C", "sudo", "-n", "--"] };
    if (!verdict.includes("password is required")) throw this.refusal(user, verdict);
    return this.findWithPassword(user, signal);
  }

  private async findWithPassword(user: string, signal?: AbortSignal): Promise<RootPrefix> {
    if (!this.ask) throw this.refused(`sudo wants the password of ${user}, and nobody can be asked for it`);
    const prefix = ["env", "LC_ALL=C", "sudo", "-k", "-S", "-p", "", "--"] as const;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const password = await this.ask({ user, host: this.host, attempt });
      if (password === undefined) throw this.refused(`sudo wants the password of ${user}, which was not given`);
      const result = await exchange(this.open, [...prefix, "sh", "-c", `echo ${proof}`], `${password}\n`, signal);
      if (text(result).includes(proof)) return { prefix, password };
      if (!/try again|incorrect password|no password was provided/.test(result.stderr)) throw this.refusal(user, result.stderr.trim());
    }
    throw new DomainError("target/wrong-password", `the password of ${user} was wrong ${attempts} times`, this.host);
  }

  private refusal(user: string, words: string): DomainError {
    this.final = true;
    const meaning = refusals.find(([pattern]) => pattern.test(words))?.[1];
    return this.refused(`${user} cannot become root: ${meaning ?? (words || "sudo gave no reason")}`);
  }

  private refused(message: string): DomainError {
    return new DomainError("target/no-sudo", message, this.host);
  }
}

const text = (result: CommandResult): string => Buffer.from(result.stdout).toString();
