import type { SshPrompts } from "./sshPrompts";

/** The prompts of a first connection, and those of further ones to the same host, which never ask: they know only the host keys that were accepted before. */
export function furtherPrompts(prompts: SshPrompts): { readonly first: SshPrompts; readonly further: SshPrompts } {
  const accepted = new Set<string>();
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  return {
    first: {
      acceptHostKey: async (question) => {
        const answer = await prompts.acceptHostKey(question);
        if (answer !== "no") accepted.add(question.fingerprint);
        return answer;
      },
      passphrase: (question) => prompts.passphrase(question),
      password: (question) => prompts.password(question),
      keyboardInteractive: (question) => prompts.keyboardInteractive(question),
      sudoPassword: (question) => prompts.sudoPassword(question),
    },
    further: {
      acceptHostKey: ({ fingerprint }) => Promise.resolve(accepted.has(fingerprint) ? "once" : "no"),
      passphrase: nothing, password: nothing, keyboardInteractive: nothing, sudoPassword: nothing,
    },
  };
}
