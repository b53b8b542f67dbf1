import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { SshPrompts } from "../../src/ssh/sshPrompts";
import { eventually } from "./eventually";
import { freePort } from "./freePort";
import { childrenOf } from "./markedProcesses";

const run = promisify(execFile);
const sshd = "/usr/sbin/sshd";

export interface SshServerOptions {
  /** Lines of sshd_config(5) that come first, and so win. */
  readonly config?: string;
  readonly hostKeyTypes?: readonly ("ed25519" | "rsa" | "ecdsa")[];
}

/** A real OpenSSH server on loopback, run by the user of the tests, with keys, configuration and known hosts of its own. */
export class SshServer {
  private process: ChildProcess | undefined;
  private log = "";

  private constructor(
    readonly folder: string,
    readonly port: number,
  ) {}

  readonly user = userInfo().username;
  /** A key that the server accepts. */
  readonly key = (): string => join(this.folder, "id");
  /** ssh_config with the alias `server`; more can be appended by `writeConfig`. */
  readonly configFile = (): string => join(this.folder, "config");
  readonly knownHosts = (): string => join(this.folder, "known_hosts");
  readonly hostKey = (type = "ed25519"): string => join(this.folder, `host_${type}`);

  static async start(options: SshServerOptions = {}): Promise<SshServer> {
    const server = new SshServer(await mkdtemp(join(tmpdir(), "knetscope-sshd-")), await freePort());
    const types = options.hostKeyTypes ?? ["ed25519"];
    await makeKey(server.key());
    for (const type of types) await makeKey(server.hostKey(type), type);
    await writeFile(join(server.folder, "authorized"), await readFile(`${server.key()}.pub`), { mode: 0o600 });
    await server.knowHost(types[0] ?? "ed25519");
    await server.writeConfig();
    await writeFile(join(server.folder, "sshd_config"), serverConfig(server, types, options.config ?? ""));
    await server.launch();
    return server;
  }

  /** Accepts one more key. */
  async authorize(publicKeyFile: string): Promise<void> {
    const file = join(this.folder, "authorized");
    await writeFile(file, `${await readFile(file, "utf8")}${await readFile(publicKeyFile, "utf8")}`);
  }

  async knowHost(type: string): Promise<void> {
    const [algorithm = "", base64 = ""] = (await readFile(`${this.hostKey(type)}.pub`, "utf8")).split(" ");
    await writeFile(this.knownHosts(), `[127.0.0.1]:${this.port} ${algorithm} ${base64}\n`);
  }

  async writeConfig(more = "", server = `  IdentityFile ${this.key()}\n  IdentitiesOnly yes\n  IdentityAgent none\n`): Promise<void> {
    const text = `${more}\nHost server\n  HostName 127.0.0.1\n  Port ${this.port}\n  User ${this.user}\n${server}Host *\n  UserKnownHostsFile ${this.knownHosts()}\n  GlobalKnownHostsFile /dev/null\n  HashKnownHosts no\n`;
    await writeFile(this.configFile(), text);
  }

  /** Kills the server's processes of all connections, as a crash would; the server goes on. */
  async killConnections(): Promise<void> {
    for (const pid of await childrenOf(this.process?.pid ?? 0)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        // It may have ended by itself in between.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
  }

  async stop(): Promise<void> {
    const running = this.process;
    if (running?.exitCode === null) {
      await this.killConnections();
      running.kill();
      await once(running, "exit");
    }
    await rm(this.folder, { recursive: true });
  }

  private async launch(): Promise<void> {
    // Debian's sshd wants this folder when it is started by root; systemd makes it for the service only.
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    const child = spawn(sshd, ["-D", "-e", "-f", join(this.folder, "sshd_config")], { stdio: ["ignore", "ignore", "pipe"] });
    this.process = child;
    child.stderr.on("data", (chunk: Buffer) => (this.log += chunk.toString()));
    const failed = once(child, "error").then(([error]) => {
      throw new Error(`${sshd} is needed (Debian package openssh-server): ${String(error)}`);
    });
    failed.catch(() => undefined);
    await Promise.race([failed, eventually(() => this.greets())]);
  }

  private async greets(): Promise<void> {
    if (this.process?.exitCode !== null) throw new Error(`sshd ended: ${this.log}`);
    const socket = connect(this.port, "127.0.0.1");
    await once(socket, "data").finally(() => socket.destroy());
  }
}

/** Answers to no question; `answers` replaces some. Every question is kept in `asked`. */
export function prompts(answers: Partial<SshPrompts> = {}): SshPrompts & { readonly asked: string[] } {
  const asked: string[] = [];
  const all: SshPrompts = {
    acceptHostKey: () => Promise.resolve("no"),
    passphrase: () => Promise.resolve(undefined),
    password: () => Promise.resolve(undefined),
    keyboardInteractive: () => Promise.resolve(undefined),
    sudoPassword: () => Promise.resolve(undefined),
    ...answers,
  };
  const noting = <Q, A>(name: string, ask: (question: Q) => Promise<A>) => (question: Q): Promise<A> => {
    asked.push(name);
    return ask(question);
  };
  return {
    asked,
    acceptHostKey: noting("acceptHostKey", (question) => all.acceptHostKey(question)),
    passphrase: noting("passphrase", (question) => all.passphrase(question)),
    password: noting("password", (question) => all.password(question)),
    keyboardInteractive: noting("keyboardInteractive", (question) => all.keyboardInteractive(question)),
    sudoPassword: noting("sudoPassword", (question) => all.sudoPassword(question)),
  };
}

export async function makeKey(file: string, type = "ed25519", passphrase = ""): Promise<string> {
  await run("ssh-keygen", ["-q", "-t", type, ...(type === "rsa" ? ["-b", "2048"] : []), "-N", passphrase, "-f", file]);
  await chmod(file, 0o600);
  return file;
}

function serverConfig(server: SshServer, types: readonly string[], first: string): string {
  return `${first}
Port ${server.port}
ListenAddress 127.0.0.1
${types.map((type) => `HostKey ${server.hostKey(type)}`).join("\n")}
AuthorizedKeysFile ${join(server.folder, "authorized")}
StrictModes no
UsePAM no
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
${first.includes("Subsystem") ? "" : "Subsystem sftp internal-sftp"}
`;
}
