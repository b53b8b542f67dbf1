/** Constructs of the language that the target's bpftrace is too old for, or no longer knows (bpftrace's CHANGELOG.md and docs/migration_guide.md). */
import type { Analysis } from "./analysis";
import { replaceBy, type Finding, type Fix } from "./finding";
import { versionWords } from "./probeChecks";
import { findProvider } from "./providers";
import type { AttachPoint, Call, Config, Item, Node, Span } from "./syntax";
import { isAfter, lacks } from "./targetKnowledge";
import { walk } from "./walk";

export function checkVersions(analysis: Analysis): Finding[] {
  const { knowledge, program } = analysis;
  if (!knowledge.version) return [];
  const findings: Finding[] = [];
  const needs = (span: Span, since: string, what: string, fixes: readonly Fix[] = []): void => {
    if (!lacks(knowledge, since)) return;
    findings.push({ start: span.start, end: span.end, code: "version", severity: "error", message: `${what} came with bpftrace ${since.replace(/\.\d+$/, "")}; ${knowledge.name} has ${versionWords(knowledge)}.`, fixes });
  };
  for (const item of program.items) {
    checkItem(item, needs);
    walk(item, (node) => {
      checkNode(node, needs);
      if ((node.kind === "if" || node.kind === "while" || node.kind === "unroll") && !isBracketed(program.text, node)) {
        const { start, end } = node.condition;
        needs(node.condition, "0.25.0", `${node.kind} without brackets`, [{ title: "Put it in brackets", changes: [{ start, end: start, text: "(" }, { start: end, end, text: ")" }], preferred: true }]);
      }
      if (node.kind === "call" && node.name.text === "delete") findings.push(...checkDelete(node, analysis));
    });
  }
  return findings;
}

type Needs = (span: Span, since: string, what: string, fixes?: readonly Fix[]) => void;

function checkItem(item: Item, needs: Needs): void {
  switch (item.kind) {
    case "probe":
      for (const point of item.points) checkRate(point, needs);
      break;
    case "config":
      needs(item.keyword, "0.20.0", "A config block", [asEnvironment(item)]);
      break;
    case "macro":
      needs({ start: item.start, end: item.name.end }, "0.24.0", "A macro");
      break;
    case "subprogram":
      needs({ start: item.start, end: item.name.end }, "0.21.0", "A function of one's own");
      break;
    case "import":
      needs({ start: item.start, end: item.start + "import".length }, "0.24.0", "import");
      break;
    case "mapDeclaration":
      needs({ start: item.start, end: item.name.end }, "0.24.0", "The declaration of a map");
      break;
    default:
  }
}

const isBracketed = (text: string, { start, condition }: Span & { readonly condition: Span }): boolean => text.slice(start, condition.start + 1).includes("(");

/** `interval:1s`: before, it is `interval:s:1`. */
function checkRate({ parts: [provider, rate, ...more] }: AttachPoint, needs: Needs): void {
  if (!rate || more.length > 0 || findProvider(provider?.text ?? "")?.target !== "rate" || !/^\d/.test(rate.text)) return;
  const value = nanosecondsOf(/^\d+$/.test(rate.text) ? `${rate.text}ns` : rate.text);
  const unit = rateSteps.find(([, size]) => value % size === 0);
  needs(rate, "0.24.0", "A rate without a part for its unit", unit ? [replaceBy(rate, `${unit[0]}:${value / unit[1]}`, true)] : []);
}

const rateSteps = [["s", 1e9], ["ms", 1e6], ["us", 1e3]] as const;

/** The same settings in the environment, in a comment: old versions read them there. */
function asEnvironment({ settings, start, end }: Config): Fix {
  const words = settings.map(({ name, value }) => `${/^BPFTRACE_/i.test(name.text) ? "" : "BPFTRACE_"}${name.text.toUpperCase()}=${value?.text ?? ""}`);
  return { title: "Set these in the environment instead", changes: [{ start, end, text: `// Run with ${words.join(" ")}` }] };
}

function checkNode(node: Node, needs: Needs): void {
  switch (node.kind) {
    case "let":
      needs({ start: node.start, end: node.start + "let".length }, "0.22.0", "let", [{ title: "Assign without let", changes: [{ start: node.start, end: node.name.start, text: "" }] }]);
      break;
    case "while":
      needs({ start: node.start, end: node.start + "while".length }, "0.11.0", "while");
      break;
    case "for":
      needs({ start: node.start, end: node.start + "for".length }, node.to ? "0.24.0" : "0.21.0", node.to ? "A loop over a range" : "A loop over a map");
      break;
    case "break":
    case "continue":
      needs({ start: node.start, end: node.start + node.kind.length }, "0.11.0", node.kind);
      break;
    case "query":
      if (node.fields[1]) needs({ start: node.fields[1].start, end: node.fields.at(-1)?.end ?? node.end }, "0.23.0", "offsetof of a field of a field");
      break;
    case "record":
      needs(node, "0.25.0", "A tuple with names");
      break;
    case "blockValue":
      needs({ start: node.start, end: node.start + 1 }, "0.24.0", "A block as a value");
      break;
    case "conditional":
      if (!node.then) needs({ start: node.condition.start, end: node.end }, "0.26.0", "“?:” without a value between");
      break;
    case "number":
      if (/^\d[\d_]*(?:ns|us|ms|s|m|h|d)$/.test(node.text)) needs(node, "0.24.0", "A duration", durationFix(node));
      break;
    default:
  }
}

const nanoseconds: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9, d: 86_400e9 };

/** NaN for what is no duration. */
function nanosecondsOf(text: string): number {
  const [, digits = "", unit = ""] = /^([\d_]+)(\w+)$/.exec(text.replaceAll("_", "")) ?? [];
  return Number(digits) * (nanoseconds[unit] ?? NaN);
}

function durationFix(node: Node & { kind: "number" | "string" }): readonly Fix[] {
  const value = nanosecondsOf(node.text);
  return Number.isSafeInteger(value) ? [replaceBy(node, String(value), true)] : [];
}

/** delete(@m[k]) until 0.21, delete(@m, k) from 0.22 on. */
function checkDelete(call: Call, { knowledge }: Analysis): Finding[] {
  const [map, key, ...more] = call.args;
  if (map?.kind !== "map") return [];
  const isPair = key !== undefined && !(key.kind === "map" && key.keys) && !map.keys && more.length === 0;
  if (isPair && lacks(knowledge, "0.22.0")) {
    const inner = key.kind === "tuple" ? { start: key.start + 1, end: key.end - 1 } : key;
    const changes = [{ start: map.end, end: inner.start, text: "[" }, { start: inner.end, end: call.end, text: "])" }];
    return [{ start: call.start, end: call.end, code: "version", severity: "error", message: `delete with a key of its own came with bpftrace 0.22; ${knowledge.name} has ${versionWords(knowledge)}.`, fixes: [{ title: "Write delete(@map[key])", changes, preferred: true }] }];
  }
  if (key && map.keys && isAfter(knowledge, "0.22.0")) {
    return [{ start: call.start, end: call.end, code: "version", severity: "error", message: "delete takes one map and one key since bpftrace 0.22: write one delete for each key.", fixes: [] }];
  }
  return [];
}
