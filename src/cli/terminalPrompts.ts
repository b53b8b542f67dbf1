import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { SshPrompts } from "../ssh/sshPrompts";

/**
 * Questions on the terminal. Without one (a script, a pipe) every question is answered with “no”,
 * so that nothing hangs; the error that follows says what was wanted.
 */
export function terminalPrompts(): SshPrompts {
  return {
    acceptHostKey: async ({ host, port, keyType, fingerprint }) => {
      const place = port === 22 ? host : `[${host}]:${port}`;
      const answer = await ask(`The host key of ${place} is not known: ${keyType} ${fingerprint}\nConnect? [a]lways, [o]nce, [n]o: `, true);
      if (/^a/i.test(answer ?? "")) return "always";
      return /^o/i.test(answer ?? "") ? "once" : "no";
    },
    passphrase: ({ keyFile }) => ask(`Passphrase of ${keyFile}: `, false),
    password: ({ user, host }) => ask(`Password of ${user}@${host}: `, false),
    sudoPassword: ({ user, host }) => ask(`sudo password ${user === "" ? "" : `of ${user} `}on ${host}: `, false),
    keyboardInteractive: async ({ instructions, prompts }) => {
      if (instructions !== "") process.stderr.write(`${instructions}\n`);
      const answers: string[] = [];
      for (const { prompt, echo } of prompts) {
        const answer = await ask(prompt, echo);
        if (answer === undefined) return undefined;
        answers.push(answer);
      }
      return answers;
    },
  };
}

/** Its answer to a question; undefined without a terminal. */
export async function ask(question: string, echo: boolean): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (echo) process.stderr.write(chunk);
      done();
    },
  });
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  try {
    process.stderr.write(question);
    return await new Promise<string | undefined>((resolve) => {
      reader.question("", resolve);
      reader.once("close", () => resolve(undefined));
    });
  } finally {
    reader.close();
    if (!echo) process.stderr.write("\n");
  }
}
