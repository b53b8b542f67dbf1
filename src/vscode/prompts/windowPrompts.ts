import { window } from "vscode";
import type { HostKeyQuestion, KeyboardInteractiveQuestion, SshPrompts } from "../../ssh/sshPrompts";
import { askSecret } from "./secretInput";
import type { SecretPasswords } from "./secretPasswords";

/** Asks a person in the window whatever a connection needs to know. */
export function windowPrompts(saved: SecretPasswords): SshPrompts {
  return {
    acceptHostKey,
    passphrase: ({ keyFile, attempt }) => password(saved, `passphrase ${keyFile}`, "SSH key", `Passphrase of ${keyFile}`, attempt),
    password: ({ user, host, attempt }) => password(saved, `${user}@${host}`, "SSH password", `Password of ${user} on ${host}`, attempt),
    sudoPassword: ({ user, host, attempt }) =>
      password(saved, `sudo ${user}@${host}`, "sudo password", `sudo on ${host} asks for the password${user === "" ? "" : ` of ${user}`}`, attempt),
    keyboardInteractive,
  };
}

async function acceptHostKey({ host, port, keyType, fingerprint }: HostKeyQuestion): Promise<"always" | "once" | "no"> {
  const detail = `${host}${port === 22 ? "" : ` port ${port}`} presents a key that known_hosts does not hold.\n\n${keyType}\n${fingerprint}\n\nGo on only when this is the fingerprint that the host's administrator gives you.`;
  const choice = await window.showWarningMessage(`The authenticity of ${host} cannot be established`, { modal: true, detail }, "Trust and Remember", "Trust Once");
  if (choice === "Trust and Remember") return "always";
  return choice === "Trust Once" ? "once" : "no";
}

/** A saved answer is tried once, at the first attempt; when it is wrong it is forgotten and the person is asked. */
async function password(saved: SecretPasswords, name: string, title: string, prompt: string, attempt: number): Promise<string | undefined> {
  const known = await saved.get(name);
  if (known !== undefined && attempt <= 1) return known;
  if (known !== undefined) await saved.forget(name);
  const answer = await askSecret({ title, prompt: `${prompt}.`, mayRemember: true, ...(attempt > 1 ? { problem: "That was not accepted. Try again." } : {}) });
  if (answer?.remember) await saved.save(name, answer.value);
  return answer?.value;
}

async function keyboardInteractive(question: KeyboardInteractiveQuestion): Promise<readonly string[] | undefined> {
  const answers: string[] = [];
  for (const { prompt, echo } of question.prompts) {
    const title = question.name === "" ? `${question.user}@${question.host}` : question.name;
    const answer = await askSecret({ title, prompt: [question.instructions, prompt].filter(Boolean).join(" "), hidden: !echo });
    if (!answer) return undefined;
    answers.push(answer.value);
  }
  return answers;
}
