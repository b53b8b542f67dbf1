/** Everything a connection may have to ask a person. undefined means “given up”. Answers are used and forgotten. */
export interface SshPrompts {
  /** An unknown host key. `always` writes it to known_hosts. */
  acceptHostKey(question: HostKeyQuestion): Promise<"always" | "once" | "no">;
  passphrase(question: { readonly keyFile: string; readonly attempt: number }): Promise<string | undefined>;
  password(question: { readonly user: string; readonly host: string; readonly attempt: number }): Promise<string | undefined>;
  keyboardInteractive(question: KeyboardInteractiveQuestion): Promise<readonly string[] | undefined>;
  /** Asked only when sudo on the host wants a password; it goes over stdin and nowhere else. */
  sudoPassword(question: { readonly user: string; readonly host: string; readonly attempt: number }): Promise<string | undefined>;
}

export interface HostKeyQuestion {
  readonly host: string;
  readonly port: number;
  /** `ssh-ed25519`, `rsa-sha2-512` … */
  readonly keyType: string;
  /** `SHA256:…` as OpenSSH prints it. */
  readonly fingerprint: string;
  /** Kinds of keys that are known for this host, when this one is of a new kind. */
  readonly otherKnownTypes?: readonly string[];
}

export interface KeyboardInteractiveQuestion {
  readonly user: string;
  readonly host: string;
  readonly name: string;
  readonly instructions: string;
  readonly prompts: readonly { readonly prompt: string; readonly echo: boolean }[];
}
