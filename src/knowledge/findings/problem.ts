/** A problem in words with what proves it. `Finding` of the collectors has the same shape. */
export interface Problem {
  readonly id: string;
  readonly severity: "error" | "warning" | "info";
  readonly title: string;
  /** What it means, and what to look at next. */
  readonly detail: string;
  /** Facts with their numbers; never empty. */
  readonly evidence: readonly string[];
  readonly remedy?: { readonly title: string; readonly command: string; readonly argv?: readonly [string, ...string[]]; readonly changesHost: true; readonly price: string };
  /** Where the kernel decides it. */
  readonly citation: string;
}

/** One network namespace, at one look and since an earlier one. What could not be read is absent. */
export interface NamespaceEvidence {
  /** ` in web` behind a sentence; empty for the first namespace. */
  readonly place: string;
  /** Settings may be changed from here: the first namespace. */
  readonly isInit: boolean;
  /** Between the looks; 0 when there was only one. */
  readonly seconds: number;
  /** Counters that rose between the looks, as nstat names them; `Conntrack…` and `Softnet…` for those of /proc/net/stat/nf_conntrack and softnet_stat. */
  readonly rises: Readonly<Record<string, number>>;
  /** sysctls by their names without `net.`: `ipv4.tcp_abort_on_overflow`. Lists as `ipv4.tcp_mem.1`. */
  readonly settings: Readonly<Record<string, number>>;
  /** Of /proc/net/sockstat: `TCP.orphan`, `TCP.tw`, `TCP.mem` in pages. */
  readonly sockets: Readonly<Record<string, number>>;
}

/** A rule knows one kind of trouble; it has no opinion without its facts. */
export type ProblemRule = (evidence: NamespaceEvidence) => Problem | undefined;

/** `+12 in 30 s (0.4/s)` */
export const risen = (count: number, seconds: number): string => `+${count} in ${Math.round(seconds)} s (${rate(count, seconds)})`;

export const rate = (count: number, seconds: number): string => `${Number((count / Math.max(seconds, 0.001)).toPrecision(2))}/s`;

export const share = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(part * 10 < whole ? 1 : 0)} %`;

/** Counters that rose, each as a fact. */
export const facts = ({ rises, seconds }: NamespaceEvidence, ...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => ((rises[name] ?? 0) > 0 ? [`${name} ${risen(rises[name] ?? 0, seconds)}.`] : []));

/** Only the first namespace's settings are ours to offer; in another the command is only named. */
export function setting({ isInit }: NamespaceEvidence, name: string, value: number | string, title: string, price: string): NonNullable<Problem["remedy"]> {
  const argv = ["sysctl", "-w", `net.${name}=${value}`] as const;
  return { title, command: argv.join(" "), ...(isInit && { argv: [...argv] as [string, ...string[]] }), changesHost: true, price: `Until the next boot. ${price}` };
}
