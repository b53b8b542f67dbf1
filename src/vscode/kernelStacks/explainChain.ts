import type { Explanation } from "../../knowledge/cause";
import type { ResolvedFrame } from "../../symbolize/resolvedFrame";
import { bullets, escapeMarkdown, inlineCode } from "../views/markdown";

/** What a resolved stack means, as Markdown. Without a known cause: the way the kernel went, from outside in. */
export function explainChain(frames: readonly ResolvedFrame[], explanation: Explanation<string> | undefined): { readonly title: string; readonly markdown: string } {
  const way = [...frames].reverse().flatMap(({ input, frames: chain }) => (chain.length > 0 ? [...chain].reverse().map(wayText) : [inlineCode(input)]));
  const sections = explanation
    ? [
        `# ${escapeMarkdown(explanation.cause.title)}`,
        escapeMarkdown(explanation.cause.detail),
        `${inlineCode(explanation.cause.id)} · confidence: ${explanation.cause.confidence} · from the stack alone`,
        ...(explanation.evidence.length > 0 ? [`## Evidence\n\n${bullets(explanation.evidence)}`] : []),
        ...(explanation.alternatives.length > 0 ? [`## What it could also be\n\n${explanation.alternatives.map((id) => `- ${inlineCode(id)}`).join("\n")}`] : []),
        ...(explanation.citation === undefined ? [] : [`## Where the kernel decides\n\n${escapeMarkdown(explanation.citation)}`]),
      ]
    : ["# No known cause", "This is the stack neither of a TCP reset nor of a dropped packet: those are what has causes. The way the kernel went is below."];
  sections.push(`## The way, from outside in\n\n${way.map((step) => `1. ${step}`).join("\n")}`);
  return { title: explanation?.cause.title ?? "Kernel stack", markdown: `${sections.join("\n\n")}\n` };
}

function wayText({ function: name, source, inlined }: ResolvedFrame["frames"][number]): string {
  return `${inlineCode(name)}${source ? ` ${inlineCode(`${source.file}:${source.line}`)}` : ""}${inlined ? " (inlined)" : ""}`;
}
