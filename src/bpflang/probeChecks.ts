import type { Analysis } from "./analysis";
import { nearWords, replaceBy, type Finding } from "./finding";
import { nearestNames } from "./fuzzyList";
import { findProvider, placeOf, providers, type ProbePlace, type Provider } from "./providers";
import type { AttachPoint, Program } from "./syntax";
import { isAfter, lacks, type TargetKnowledge } from "./targetKnowledge";
import { formatBpftraceVersion } from "../bpftrace/bpftraceVersion";

/** Attach points: kinds of probes that the target's bpftrace knows, functions and events that its kernel has. */
export function checkProbes({ program, knowledge }: Analysis): Finding[] {
  const wish = wishForMissing(program);
  return program.items.flatMap((item) => {
    if (item.kind !== "probe") return [];
    const missing = wish ?? (item.points.length > 1 && lacks(knowledge, "0.24.2") ? "warning" : "error");
    return item.points.flatMap((point) => checkPoint(point, missing, knowledge));
  });
}

/** How bad it is that a probe does not exist there. With several attach points bpftrace before 0.24 goes on with those that do. */
type Missing = Finding["severity"];

/** What the program itself wants: `config = { missing_probes = ignore }`. */
function wishForMissing({ items }: Program): Missing | undefined {
  const settings = items.flatMap((item) => (item.kind === "config" ? item.settings : []));
  const value = settings.findLast(({ name }) => /^(?:bpftrace_)?missing_probes$/i.test(name.text))?.value?.text.replaceAll('"', "");
  const severities: Readonly<Record<string, Missing>> = { ignore: "information", warn: "warning", error: "error" };
  return value === undefined ? undefined : severities[value];
}

export const versionWords = ({ version }: TargetKnowledge): string => (version ? `bpftrace ${formatBpftraceVersion(version)}` : "bpftrace");

function checkPoint(point: AttachPoint, missing: Missing, knowledge: TargetKnowledge): Finding[] {
  const [word] = point.parts;
  const provider = findProvider(word?.text ?? "");
  if (!word || /[$*]/.test(word.text)) return [];
  if (!provider) {
    const near = nearestNames(word.text, providers.map(({ name }) => name));
    return [{ ...spanOf(word), code: "unknown-provider", severity: "error", message: `There is no kind of probe called “${word.text}”${nearWords(near)}`, fixes: near.map((name) => replaceBy(word, name)) }];
  }
  const place = placeOf(point);
  return [...checkProvider(word, provider, knowledge), ...(place ? checkTarget(point, place, missing, knowledge) : [])];
}

const spanOf = ({ start, end }: { readonly start: number; readonly end: number }): { start: number; end: number } => ({ start, end });

function checkProvider(word: AttachPoint["parts"][number], provider: Provider, knowledge: TargetKnowledge): Finding[] {
  const fixes = provider.sameAs === undefined ? [] : [replaceBy(word, provider.sameAs, true)];
  const instead = provider.sameAs === undefined ? "" : ` Its name there is ${provider.sameAs}.`;
  const isShort = provider.short === word.text;
  if (isShort && provider.sameAs !== undefined && lacks(knowledge, provider.since) && !lacks(knowledge, "0.10.0")) return [];
  if (lacks(knowledge, provider.since)) {
    return [{ ...spanOf(word), code: "version", severity: "error", message: `${word.text} came with bpftrace ${provider.since}; ${knowledge.name} has ${versionWords(knowledge)}.${instead}`, fixes: word.text === "begin" || word.text === "end" ? [replaceBy(word, word.text.toUpperCase(), true)] : fixes }];
  }
  if (provider.until !== undefined && isAfter(knowledge, provider.until)) {
    return [{ ...spanOf(word), code: "version", severity: "error", message: `${word.text} was removed in bpftrace ${provider.until}; ${knowledge.name} has ${versionWords(knowledge)}.`, fixes }];
  }
  const isBoundary = word.text === "BEGIN" || word.text === "END";
  if (!isBoundary || !knowledge.version || !lacks(knowledge, "0.16.0")) return [];
  return [{ ...spanOf(word), code: "stripped-begin", severity: "information", message: `Stripped builds of bpftrace before 0.16 cannot run ${word.text} (“Could not resolve symbol”): a program for them does without it.`, fixes: [] }];
}

function checkTarget(point: AttachPoint, place: ProbePlace, missing: Missing, knowledge: TargetKnowledge): Finding[] {
  const last = point.parts.at(-1);
  if (!last || place.isPattern || place.name === "") return [];
  switch (place.provider.target) {
    case "function":
    case "typedFunction":
      return [...checkModule(point, place, knowledge), ...checkFunction(last, place, missing, knowledge)];
    case "tracepoint":
      return checkTracepoint(point, place, missing, knowledge);
    default:
      return [];
  }
}

function checkModule({ parts }: AttachPoint, { provider, module }: ProbePlace, knowledge: TargetKnowledge): Finding[] {
  const [word, name] = parts.slice(1);
  if (module === undefined || provider.target !== "function" || !word || !name || !lacks(knowledge, "0.20.4")) return [];
  return [{ start: word.start, end: word.end, code: "version", severity: "error", message: `A module before the function came with bpftrace 0.20; ${knowledge.name} has ${versionWords(knowledge)}.`, fixes: [{ title: `Leave out “${word.text}:”`, changes: [{ start: word.start, end: name.start, text: "" }], preferred: true }] }];
}

function checkFunction(word: AttachPoint["parts"][number], { name }: ProbePlace, missing: Missing, knowledge: TargetKnowledge): Finding[] {
  const { functions, types, release } = knowledge;
  if (!functions || functions.has(name) || /^0x|^\d/.test(name)) return [];
  const isKnownToTypes = types?.find("func", name) !== undefined;
  const where = release === undefined ? knowledge.name : `${knowledge.name} (${release})`;
  const near = functions.list.nearest(name);
  const why = isKnownToTypes ? "but it is not among those that can be probed: it is inlined, or marked notrace" : "or its module is not loaded";
  const message = isKnownToTypes ? `The kernel of ${where} has ${name}, ${why}` : `The kernel of ${where} has no function ${name}, ${why}`;
  const severity = isKnownToTypes && missing === "error" ? "warning" : missing;
  return [{ ...spanOf(word), code: "unknown-function", severity, message: `${message}${nearWords(near)}`, fixes: near.map((candidate) => replaceBy(word, candidate)) }];
}

function checkTracepoint({ parts }: AttachPoint, place: ProbePlace, missing: Missing, knowledge: TargetKnowledge): Finding[] {
  const { tracepoints } = knowledge;
  const [, system, event] = parts;
  const name = `${place.module ?? ""}:${place.name}`;
  if (!tracepoints || tracepoints.size === 0 || !system || !event || tracepoints.has(name)) return [];
  const near = tracepoints.list.nearest(name);
  return [{
    start: system.start, end: event.end, code: "unknown-tracepoint", severity: missing === "information" ? missing : "error", message: `The kernel of ${knowledge.name} has no tracepoint ${name}${nearWords(near)}`,
    fixes: near.map((candidate) => replaceBy({ start: system.start, end: event.end }, candidate)),
  }];
}
