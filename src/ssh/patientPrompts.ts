import type { Patience } from "./patience";
import type { SshPrompts } from "./sshPrompts";

/** The same questions, asked while the clock stands still. */
export function patientPrompts(prompts: SshPrompts, patience: Patience): SshPrompts {
  return {
    acceptHostKey: (question) => patience.during(() => prompts.acceptHostKey(question)),
    passphrase: (question) => patience.during(() => prompts.passphrase(question)),
    password: (question) => patience.during(() => prompts.password(question)),
    keyboardInteractive: (question) => patience.during(() => prompts.keyboardInteractive(question)),
    sudoPassword: (question) => patience.during(() => prompts.sudoPassword(question)),
  };
}
