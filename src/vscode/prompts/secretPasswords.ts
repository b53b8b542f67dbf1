import type { Memento, SecretStorage } from "vscode";

const indexKey = "knetscope.savedPasswords";

/** Passwords that the user asked to keep, in the editor's secret storage; only their names are kept elsewhere. */
export class SecretPasswords {
  constructor(
    private readonly secrets: SecretStorage,
    private readonly state: Memento,
  ) {}

  get(name: string): Thenable<string | undefined> {
    return this.secrets.get(secretKey(name));
  }

  async save(name: string, password: string): Promise<void> {
    await this.secrets.store(secretKey(name), password);
    await this.state.update(indexKey, [...new Set([...this.names(), name])]);
  }

  async forget(name: string): Promise<void> {
    await this.secrets.delete(secretKey(name));
    await this.state.update(indexKey, this.names().filter((other) => other !== name));
  }

  names(): readonly string[] {
    return this.state.get<string[]>(indexKey, []);
  }
}

const secretKey = (name: string): string => `knetscope.password:${name}`;
