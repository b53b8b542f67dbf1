import type { BaseAgent as Agent, IdentityCallback, ParsedKey, SignCallback, SigningRequestOptions } from "ssh2";
import ssh2 from "ssh2";
import { describeError } from "../base/errors";
import type { Identity } from "./identity";
import { fileIdentity, publicKeyOfFile } from "./identity";
import type { SshHostConfig } from "./sshHostConfig";
import type { SshPrompts } from "./sshPrompts";

/**
 * All keys for a host, as an agent to our SSH library. The order is OpenSSH's (pubkey_prepare in sshconnect2.c):
 * keys of the agent that the configuration names, other keys of the agent unless IdentitiesOnly, then files.
 * A passphrase is asked for only after the server said that it would take that key.
 */
export class KeyRing extends ssh2.BaseAgent {
  /** What stood in the way of single keys, for the sentence when nothing worked. */
  readonly troubles: string[] = [];
  private identities: readonly Identity[] = [];

  constructor(
    private readonly config: SshHostConfig,
    private readonly prompts: Pick<SshPrompts, "passphrase">,
  ) {
    super();
  }

  get size(): number {
    return this.identities.length;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    this.collect().then(
      (identities) => {
        this.identities = identities;
        callback(undefined, identities.map(({ publicKey }) => publicKey));
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
    );
  }

  override sign(publicKey: ParsedKey | Buffer | string, data: Buffer, options: SigningRequestOptions | SignCallback, callback?: SignCallback): void {
    const done = callback ?? (options as SignCallback);
    const hash = typeof options === "object" ? options.hash : undefined;
    const identity = this.identities.find((candidate) => candidate.publicKey.equals(publicKey));
    if (!identity) {
      done(new Error("no such key"));
      return;
    }
    identity.sign(data, hash).then(
      (signature) => done(undefined, signature),
      (error: unknown) => {
        this.troubles.push(describeError(error));
        done(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  private async collect(): Promise<readonly Identity[]> {
    const held = await this.heldByAgent();
    const named = await Promise.all(this.config.identityFiles.map(async (file) => this.tolerant(() => publicKeyOfFile(file))));
    const isNamed = ({ publicKey }: Identity): boolean => named.some((key) => key?.equals(publicKey.getPublicSSH()));
    const fromAgent = [...held.filter(isNamed), ...(this.config.identitiesOnly ? [] : held.filter((identity) => !isNamed(identity)))];
    const all = [...fromAgent];
    for (const file of this.config.identityFiles) {
      const identity = await this.tolerant(() => fileIdentity(file, this.prompts));
      if (identity && !all.some(({ publicKey }) => publicKey.equals(identity.publicKey.getPublicSSH()))) all.push(identity);
    }
    return all;
  }

  private heldByAgent(): Promise<Identity[]> {
    const { identityAgent } = this.config;
    if (identityAgent === undefined) return Promise.resolve([]);
    const agent = ssh2.createAgent(identityAgent) as Agent<ParsedKey>;
    return new Promise((resolve) => {
      agent.getIdentities((error, keys) => {
        if (error) this.troubles.push(`the agent at ${identityAgent} did not answer: ${error.message}`);
        resolve((keys ?? []).flatMap((key) => agentIdentity(agent, key as ParsedKey)));
      });
    });
  }

  private async tolerant<T>(work: () => Promise<T>): Promise<T | undefined> {
    return work().catch((error: unknown) => {
      this.troubles.push(describeError(error));
      return undefined;
    });
  }
}

function agentIdentity(agent: Agent<ParsedKey>, key: ParsedKey): Identity[] {
  const publicKey: ParsedKey | Error = ssh2.utils.parseKey(key);
  if (publicKey instanceof Error) return [];
  const sign: Identity["sign"] = (data, hash) =>
    new Promise((resolve, reject) => {
      agent.sign(publicKey, data, hash === undefined ? {} : { hash }, (error, signature) => {
        if (error || !signature) reject(error ?? new Error("the agent did not sign"));
        else resolve(signature);
      });
    });
  return [{ publicKey, origin: "agent", sign }];
}
