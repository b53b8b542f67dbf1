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
import { ProgramDocument } from "../../src/server/bpftrace/programDocument";

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

function showTyping(knowledge: TargetKnowledge): void {
  const text = Array.from({ length: 223 }, (_, index) => probe(index)).join("");
  const lines = text.split("\n").length;
  const at = (needle: string): number => text.indexOf(needle, Math.floor(text.length / 2)) + needle.length;
  console.log(`\nA bpftrace program of ${lines} lines, ${knowledge.functions?.size ?? 0} functions known; CPU time, each time of a new text`);
  const rounds = 60;
  const row = (name: string, run: (program: ProgramDocument, round: number) => unknown, change: (round: number) => string): void => {
    const times = Array.from({ length: rounds }, (_, round) => {
      const document = TextDocument.create("file:///bench.bt", "bpftrace", round, change(round));
      // CPU time: on a busy machine the figure to go by.
      const started = process.cpuUsage();
      run(new ProgramDocument(document, knowledge), round);
      const { user, system } = process.cpuUsage(started);
      return (user + system) / 1000;
    }).sort((a, b) => a - b);
    console.log(`  ${name.padEnd(34)}p50 ${(times[rounds >> 1] ?? NaN).toFixed(1).padStart(6)} ms   p95 ${(times[Math.floor(rounds * 0.95)] ?? NaN).toFixed(1).padStart(6)} ms`);
  };
  const same = (): string => text;
  row("completion of a field", (program) => completion(program, at("$sk->")), same);
  row("completion of a statement", (program) => completion(program, at("{\n  ")), same);
  const query = "tcpsndrst";
  row("completion of a function, fuzzy", (program, round) => completion(program, text.length + "kprobe:".length + (round % query.length) + 1), (round) => `${text}kprobe:${query.slice(0, (round % query.length) + 1)}`);
  row("hover of a field", (program) => hover(program, at("sk_rcvb")), same);
  row("all checks", (program) => diagnostics(program), same);
}
