import { Disposable, languages, LanguageStatusSeverity, type LanguageStatusItem, workspace } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { describeError } from "../../base/errors";
import { bpftraceMethods, type CompileParams, type CompileResult, type FunctionPlace, type FunctionPlaceParams } from "../../protocol/bpftrace";
import { cachedTargetKnowledge, latestTargetKnowledge } from "../../session/targetKnowledge";
import type { ServerPart } from "../languageServer/languageServer";
import type { Services } from "../services";
import { settings } from "../settings";

const language = "bpftrace";

/**
 * bpftrace programs, on the side that has the hosts: tells the server which host programs are written for (the active one, else the last one, else this machine), fetches what
 * is to know of it once, and lets its bpftrace compile a program when it is saved.
 */
export function bpftracePart(services: Services): ServerPart {
  return {
    wants: ({ languageId }) => languageId === language,
    documentSelector: [{ language }],
    initializationOptions: () => ({ bpftrace: true }),
    attach: (client) => {
      const target = new TargetInSight(services, client);
      return Disposable.from(
        target,
        client.onRequest(bpftraceMethods.functionPlace, ({ name }: FunctionPlaceParams) => functionPlace(services, name)),
        client.onRequest(bpftraceMethods.compile, async ({ text }: CompileParams): Promise<CompileResult | null> => {
          const host = services.hosts.active?.name;
          const connected = host === undefined ? undefined : services.hosts.host(host);
          return connected ? { findings: (await connected.checkProgram(text)).map(({ start, end, severity, message }) => ({ start, end, severity, message })) } : null;
        }),
        workspace.onDidSaveTextDocument(({ languageId, uri }) => {
          if (languageId !== language || !settings.bpftraceCheckOnSave() || !services.hosts.active) return;
          client.sendRequest(bpftraceMethods.check, { uri: uri.toString() }).catch((error: unknown) => services.log.warn(`check of ${uri.path}: ${describeError(error)}`));
        }),
      );
    },
  };
}

/** Keeps the server's target that of the active host. */
class TargetInSight {
  private readonly status: LanguageStatusItem;
  private readonly subscription: { dispose(): void };
  private name: string | undefined;
  /** The server knows of some target. */
  private isTold = false;

  constructor(
    private readonly services: Services,
    private readonly client: LanguageClient,
  ) {
    this.status = languages.createLanguageStatusItem("knetscope.bpftrace", { language });
    this.status.name = "bpftrace target";
    this.status.command = { command: "knetscope.connectHost", title: "Connect…" };
    this.subscription = services.hosts.onChange(() => void this.follow());
    void this.follow();
  }

  dispose(): void {
    this.subscription.dispose();
    this.status.dispose();
  }

  private async follow(): Promise<void> {
    const name = this.services.hosts.active?.name;
    if (name === this.name && name !== undefined) return;
    if (name === undefined) {
      this.name = undefined;
      await this.withoutHost();
      return;
    }
    this.name = name;
    await this.learn(name);
  }

  /** Until a host is connected: what is kept of the last one, else this machine. A host that was left stays known. */
  private async withoutHost(): Promise<void> {
    if (this.isTold) return;
    this.isTold = true;
    const latest = await latestTargetKnowledge().catch(() => undefined);
    if (this.name !== undefined) return;
    const name = latest?.name ?? "this machine";
    await this.client.sendNotification(bpftraceMethods.target, { name, ...(latest && { folder: latest.folder }) });
    this.say(name, latest ? `${latest.release}, as last seen; connect to a host to check and run programs` : "Connect to a host: its functions, types and bpftrace version are then known here.");
  }

  private async learn(name: string): Promise<void> {
    const host = this.services.hosts.host(name);
    if (!host) return;
    this.status.busy = true;
    this.say(name, "reading its functions and types…");
    try {
      const facts = await host.facts();
      // What is kept of this kernel serves until it is read anew, which on a slow host takes a while.
      const kept = await cachedTargetKnowledge(facts);
      if (kept !== undefined) await this.tell(name, kept);
      await this.tell(name, await host.knowledge());
      if (this.name === name) this.say(name, facts.release);
    } catch (error) {
      this.name = undefined;
      this.services.log.warn(`${name}: what can be traced there is not known: ${describeError(error)}`);
      this.say(name, describeError(error), LanguageStatusSeverity.Warning);
    } finally {
      this.status.busy = false;
    }
  }

  private async tell(name: string, folder: string): Promise<void> {
    if (this.name !== name) return;
    this.isTold = true;
    await this.client.sendNotification(bpftraceMethods.target, { name, folder });
  }

  private say(text: string, detail: string, severity = LanguageStatusSeverity.Information): void {
    this.status.text = `bpftrace on ${text}`;
    this.status.detail = detail;
    this.status.severity = severity;
  }
}

/** The line of a function of the active host's kernel, in its source. */
async function functionPlace({ hosts, sources, log }: Services, name: string): Promise<FunctionPlace | null> {
  const active = hosts.active?.name;
  const host = active === undefined ? undefined : hosts.host(active);
  if (active === undefined || !host) return null;
  try {
    const [resolved] = await host.resolve([{ symbol: name, offset: 0, kind: "exact", reliable: true }]);
    const source = (resolved?.frames.at(-1) ?? resolved?.matches?.[0]?.frames.at(-1))?.source;
    return source ? { uri: sources.uriOf(active, source.file).toString(), line: source.line - 1 } : null;
  } catch (error) {
    log.warn(`${name}: ${describeError(error)}`);
    return null;
  }
}
