import type { AnyAuthMethod, AuthHandlerMiddleware, AuthenticationType, Prompt } from "ssh2";
import { DomainError } from "../base/errors";
import { KeyRing } from "./keyRing";
import type { Authentication as Method, SshHostConfig } from "./sshHostConfig";
import type { SshPrompts } from "./sshPrompts";

/**
 * Proves who we are, in the order people's ssh does: `none` to learn what the server offers, then each
 * allowed method until one is enough. A server may want several in a row (partial success).
 */
export class Authentication {
  private readonly ring: KeyRing;
  private readonly attempts = new Map<Method, number>();
  private readonly tried: string[] = [];
  private offered: readonly string[] = [];
  private cancelled = false;

  constructor(
    private readonly config: SshHostConfig,
    private readonly prompts: SshPrompts,
  ) {
    this.ring = new KeyRing(config, prompts);
  }

  /** For the authHandler option of ssh2: called before each attempt with what the server would still take. */
  readonly handler: AuthHandlerMiddleware = (offered: AuthenticationType[] | null, partial: boolean | null, next) => {
    if (offered === null) {
      next({ type: "none", username: this.config.user });
      return;
    }
    this.offered = offered;
    if (partial === true) this.tried.push("(partial success)");
    // The library takes `false` for “no more”, which its types leave out.
    const noMore = false as unknown as AnyAuthMethod;
    this.nextMethod().then(
      (method) => next(method ?? noMore),
      () => next(noMore),
    );
  };

  /** Why it did not work, when it did not. */
  failure(): DomainError {
    const { user, name } = this.config;
    if (this.cancelled) return new DomainError("ssh/cancelled", "the question was not answered", name);
    const tried = this.tried.length > 0 ? `tried: ${this.tried.map((word) => this.describe(word)).join(", ")}` : "nothing could be tried";
    const troubles = this.ring.troubles.length > 0 ? `; ${this.ring.troubles.join("; ")}` : "";
    return new DomainError("ssh/auth-failed", `the server did not let ${user} in (${tried}; it offers: ${this.offered.join(", ") || "nothing"}${troubles})`, name);
  }

  private describe(method: string): string {
    return method === "publickey" ? `publickey (${this.ring.size} ${this.ring.size === 1 ? "key" : "keys"})` : method;
  }

  private async nextMethod(): Promise<AnyAuthMethod | undefined> {
    while (!this.cancelled) {
      const method = this.config.authentications.find((candidate) => this.offered.includes(candidate) && this.left(candidate) > 0);
      if (method === undefined) return undefined;
      const attempt = (this.attempts.get(method) ?? 0) + 1;
      this.attempts.set(method, attempt);
      const prepared = await this.prepare(method, attempt);
      if (prepared === undefined) continue;
      if (this.tried.at(-1) !== method) this.tried.push(method);
      return prepared;
    }
    return undefined;
  }

  private left(method: Method): number {
    return (method === "publickey" ? 1 : this.config.passwordPrompts) - (this.attempts.get(method) ?? 0);
  }

  private async prepare(method: Method, attempt: number): Promise<AnyAuthMethod | undefined> {
    const { user: username, hostName: host } = this.config;
    switch (method) {
      case "publickey":
        return { type: "agent", username, agent: this.ring };
      case "keyboard-interactive":
        return { type: "keyboard-interactive", username, prompt: (...question) => void this.answer(...question) };
      case "password": {
        const password = await this.prompts.password({ user: username, host, attempt });
        if (password === undefined) this.cancelled = true;
        return password === undefined ? undefined : { type: "password", username, password };
      }
    }
  }

  private async answer(name: string, instructions: string, _language: string, prompts: Prompt[], finish: (answers: string[]) => void): Promise<void> {
    const { user, hostName: host } = this.config;
    const questions = prompts.map(({ prompt, echo }) => ({ prompt, echo: echo ?? false }));
    const answers = await this.prompts.keyboardInteractive({ user, host, name, instructions, prompts: questions }).catch(() => undefined);
    if (answers === undefined) this.cancelled = true;
    finish([...(answers ?? questions.map(() => ""))]);
  }
}
