/** Figures of the bpftrace language: BTF of the lab's kernels read and indexed; completion, hover and a whole look at each keystroke in a long program. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TextDocument } from "vscode-languageserver-textdocument";
import { KernelFunctions } from "../../src/bpflang/kernelFunctions";
import { parseVersion, type TargetKnowledge } from "../../src/bpflang/targetKnowledge";
import { Btf } from "../../src/btf/btf";
import { TypeSet } from "../../src/btf/typeSet";
import { completion } from "../../src/server/bpftrace/completion";
import { diagnostics } from "../../src/server/bpftrace/diagnostics";
import { hover } from "../../src/server/bpftrace/hover";
import { ProgramDocuments, type ProgramDocument } from "../../src/server/bpftrace/programDocument";

const probe = (index: number): string => `kprobe:tcp_v4_send_reset /pid != ${index}/ {
  $sk = (struct sock *)arg0;
  if ($sk->__sk_common.skc_num == ${index}) {
    @count${index % 40}[comm, kstack(perf)] = count();
  }
  @sizes = hist($sk->sk_rcvbuf);
  printf("%s %d\\n", comm, $sk->sk_err);
}

`;

/** @param vmlinux with a section .BTF */
export function showPrograms(vmlinux: string): void {
  const folder = mkdtempSync(join(tmpdir(), "knetscope-bench-"));
  try {
    const file = join(folder, "btf");
    execFileSync("objcopy", ["--dump-section", `.BTF=${file}`, vmlinux, "/dev/null"], { stdio: "ignore" });
    const types = showBtf(file);
    showTyping({ name: "bench", types, functions: KernelFunctions.parse([...new Set(types.kernel.namesIn("func"))].join("\n")), version: parseVersion("0.17.0") });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function showBtf(file: string): TypeSet {
  const before = process.memoryUsage();
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const types = new TypeSet(Btf.parse(readFileSync(file), "vmlinux"));
  types.find("struct", "sock");
  const [elapsed, used] = [performance.now() - started, process.cpuUsage(cpu)];
  const grown = process.memoryUsage().rss - before.rss;
  console.log(`\nBTF of a kernel, read from a file and indexed (${types.kernel.length} types)`);
  console.log(`  cold ${elapsed.toFixed(0)} ms, ${((used.user + used.system) / 1000).toFixed(0)} ms of CPU, ${(grown / 2 ** 20).toFixed(0)} MB more memory`);
  return types;
}

/** What is typed into the middle of a long program, and what is asked after each letter. */
interface Typing {
  readonly name: string;
  /** Behind this text of the middle. */
  readonly behind: string;
  readonly typed: string;
  /** Letters that stand there already. */
  readonly from: number;
  readonly ask: (program: ProgramDocument, caret: number) => unknown;
}

const typings: readonly Typing[] = [
  { name: "completion of a field", behind: "@sizes = hist($sk->sk_rcvbuf);\n", typed: "  @x = $sk->sk_rcvbuf", from: 12, ask: completion },
  { name: "completion of a statement", behind: "@sizes = hist($sk->sk_rcvbuf);\n", typed: "  @counted = kstack", from: 2, ask: completion },
  { name: "completion of a function, fuzzy", behind: "\n}\n", typed: "kprobe:tcpsndrst", from: 7, ask: completion },
  { name: "hover of a field", behind: "@sizes = hist($sk->sk_rcvbuf);\n", typed: "  @sum = sum(pid);", from: 2, ask: (program) => hover(program, program.text.indexOf("sk_rcvb", program.text.length / 2)) },
  { name: "all checks, once typing pauses", behind: "@sizes = hist($sk->sk_rcvbuf);\n", typed: "  @sum = sum(pid);", from: 2, ask: (program) => diagnostics(program) },
];

const rounds = 20;

function showTyping(knowledge: TargetKnowledge): void {
  const text = Array.from({ length: 223 }, (_, index) => probe(index)).join("");
  console.log(`\nA bpftrace program of ${text.split("\n").length} lines, ${knowledge.functions?.size ?? 0} functions known; CPU time of each keystroke, the first ones included`);
  for (const typing of typings) {
    const times = keystrokes(text, typing, knowledge).sort((a, b) => a - b);
    const share = (part: number): string => (times[Math.floor(times.length * part)] ?? NaN).toFixed(1).padStart(6);
    console.log(`  ${typing.name.padEnd(34)}p50 ${share(0.5)} ms   p95 ${share(0.95)} ms   longest ${share(1 - 1e-9)} ms   of ${times.length}`);
  }
}

/** CPU milliseconds of each: on a busy machine the figure to go by. The program was opened, and looked at as the server does then. */
function keystrokes(text: string, { behind, typed, from, ask }: Typing, knowledge: TargetKnowledge): number[] {
  const caret = text.indexOf(behind, text.length / 2) + behind.length;
  const programs = new ProgramDocuments();
  const state = (letters: number): TextDocument => TextDocument.create("file:///bench.bt", "bpftrace", letters, `${text.slice(0, caret)}${typed.slice(0, letters)}\n${text.slice(caret)}`);
  diagnostics(programs.get(state(from), knowledge));
  return Array.from({ length: rounds }).flatMap(() =>
    Array.from({ length: typed.length - from }, (_, index) => {
      const document = state(from + index + 1);
      const started = process.cpuUsage();
      ask(programs.get(document, knowledge), caret + from + index + 1);
      const { user, system } = process.cpuUsage(started);
      return (user + system) / 1000;
    }),
  );
}
