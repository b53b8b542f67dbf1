import type { SshPrompts } from "../ssh/sshPrompts";
import { localTarget } from "../target/localTarget";
import type { Target } from "../target/target";

export interface ConnectOptions {
  readonly prompts: SshPrompts;
  /** Instead of ~/.ssh/config. */
  readonly sshConfigFile?: string;
  readonly signal?: AbortSignal;
  /** Told what is being done, in words for a progress line. */
  readonly progress?: (text: string) => void;
}

/** `local` is this machine; anything else is an SSH alias or `user@host[:port]`. */
export async function connectTarget(name: string, options: ConnectOptions): Promise<Target> {
  if (name === "local") {
    return localTarget({ sudoPassword: (attempt) => options.prompts.sudoPassword({ user: "", host: "this machine", attempt }) });
  }
  options.progress?.(`Connecting to ${name}`);
  // This machine is looked at without loading SSH, which costs as much as the look.
  const { connectSsh } = await import("../ssh/connectSsh");
  return connectSsh(name, {
    prompts: options.prompts,
    ...(options.sshConfigFile === undefined ? {} : { configFile: options.sshConfigFile }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}
