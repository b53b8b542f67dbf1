import { describeAnswer, describeChain, compare, type Comparison, type Verdict } from "./compare";
import { findModuleFile } from "../../../src/symbolize/moduleFiles";
import type { StackFrame } from "../../../src/stacks/stack";
import { Symbolizer } from "../../../src/symbolize/symbolizer";
import { modulePlaces, vmlinuxPlaces, type Place } from "./places";
import { ask } from "./tools";

export interface OracleOptions {
  readonly vmlinux: string;
  /** With modules at any depth. */
  readonly modules: string;
  readonly seed: number;
  /** Places in vmlinux; a twentieth of it in each module. */
  readonly count: number;
}

export interface OracleResult {
  readonly questions: number;
  readonly counts: ReadonlyMap<Comparison, number>;
  /** What differs from agreed answers, or from every tool, in words. */
  readonly remarks: readonly { readonly comparison: Comparison; readonly text: string }[];
}

const moduleNames = ["nf_conntrack", "nf_tables", "nf_nat", "tcp_diag", "inet_diag", "virtio_net"];

export async function runOracle({ vmlinux, modules, seed, count }: OracleOptions): Promise<OracleResult> {
  const questions = [...vmlinuxQuestions(vmlinux, seed, count), ...(await moduleQuestions(modules, seed, Math.ceil(count / 20)))];
  const symbolizer = new Symbolizer({ vmlinux: { file: vmlinux }, modules: async (name) => ({ file: (await findModuleFile(modules, name)) ?? name }) }, { worker: "in-process" });
  const answers = await symbolizer.resolve(questions.map(frameOf));
  await symbolizer.dispose();
  const counts = new Map<Comparison, number>();
  const remarks: OracleResult["remarks"][number][] = [];
  for (const [index, question] of questions.entries()) {
    const answer = answers[index];
    if (!answer) continue;
    const comparison = compare(question, answer);
    counts.set(comparison, (counts.get(comparison) ?? 0) + 1);
    if (comparison !== "differs" && comparison !== "tools disagree, as neither") continue;
    const { place, kind, first, second } = question;
    remarks.push({ comparison, text: `${nameOf(place)} (${kind}, ${place.stratum})\n  ours   ${describeAnswer(answer)}\n  first  ${describeChain(first)}\n  second ${describeChain(second)}` });
  }
  return { questions: questions.length, counts, remarks };
}

interface Question extends Verdict {
  readonly kind: "exact" | "return";
}

function vmlinuxQuestions(vmlinux: string, seed: number, count: number): Question[] {
  const places = vmlinuxPlaces(vmlinux, seed, count);
  return (["exact", "return"] as const).flatMap((kind) => {
    // At offset 0 there is no call before in the same function. Of functions with one name that is chosen in which a call ends at the address: places drawn at random are no such addresses.
    const own = kind === "exact" ? places : places.filter(({ offset, ambiguous }) => offset > 0 && ambiguous !== true);
    const addresses = own.map(({ address }) => (kind === "exact" ? address : address - 1n));
    const [first, second] = [ask("addr2line", vmlinux, addresses), ask("llvm-symbolizer", vmlinux, addresses)];
    return own.map((place, index) => ({ place, kind, first: first[index] ?? [], second: second[index] ?? [] }));
  });
}

async function moduleQuestions(folder: string, seed: number, count: number): Promise<Question[]> {
  const questions: Question[] = [];
  for (const name of moduleNames) {
    const file = await findModuleFile(folder, name);
    const places = file === undefined ? [] : modulePlaces(file, name, seed, count);
    for (const section of new Set(places.map((place) => place.section))) {
      const own = places.filter((place) => place.section === section);
      const addresses = own.map(({ address }) => address);
      const [first, second] = [ask("addr2line", file ?? "", addresses, section), ask("eu-addr2line", file ?? "", addresses, section)];
      questions.push(...own.map((place, index) => ({ place, kind: "exact" as const, first: first[index] ?? [], second: second[index] ?? [] })));
    }
  }
  return questions;
}

const frameOf = ({ place: { symbol, offset, size, module }, kind }: Question): StackFrame => ({ symbol, offset, size, kind, reliable: true, ...(module !== undefined && { module }) });

const nameOf = ({ symbol, offset, size, module }: Place): string => `${symbol}+0x${offset.toString(16)}/0x${size.toString(16)}${module === undefined ? "" : ` [${module}]`}`;

