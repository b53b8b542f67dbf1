import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { StackFrame } from "../../src/stacks/stack";
import { Symbolizer } from "../../src/symbolize/symbolizer";
import { ask } from "./oracle/tools";

/**
 * Real compilers, linkers and packers: for every byte of every function of a small program our answer is that of llvm-symbolizer
 * for the linked program. From the object file it must be the same, although everything in it has yet to be relocated.
 */
const sources = join(import.meta.dirname, "../fixtures/dwarf");
let folder = "";

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

interface Place {
  readonly symbol: string;
  readonly offset: number;
  readonly address: bigint;
}

/** Every byte of the functions of a linked program. */
function placesIn(program: string): Place[] {
  const symbols = [...run("llvm-nm", "--print-size", "--defined-only", program).matchAll(/^([0-9a-f]+) ([0-9a-f]+) [tT] (\w+)$/gm)];
  return symbols.flatMap(([, start = "", size = "", symbol = ""]) =>
    Array.from({ length: parseInt(size, 16) }, (_, offset) => ({ symbol, offset, address: BigInt(`0x${start}`) + BigInt(offset) })),
  );
}

type Chains = readonly (readonly string[])[];

function expectedOf(program: string, places: readonly Place[]): Chains {
  const chains = ask("llvm-symbolizer", join(folder, program), places.map(({ address }) => address));
  return chains.map((chain, index) => {
    // Code that the compiler gives no line has no answer here; LLVM names the function all the same.
    if (chain.every(({ file }) => file === undefined)) return [];
    return chain.map(({ function: name = "?", file, line }) => {
      // RISC-V keeps local labels, and LLVM takes the nearest for the function.
      const own = name.startsWith(".L") ? (places[index]?.symbol ?? name) : name;
      return `${own} ${file === undefined ? "" : `${basename(file)}:${line}`}`;
    });
  });
}

async function actualOf(file: string, places: readonly Place[]): Promise<Chains> {
  const symbolizer = new Symbolizer({ vmlinux: { file: join(folder, file) }, modules: () => Promise.resolve(undefined) }, { worker: "in-process" });
  try {
    const frames = places.map(({ symbol, offset }): StackFrame => ({ symbol, offset, kind: "exact", reliable: true }));
    const answers = await symbolizer.resolve(frames);
    return answers.map((answer) => answer.frames.map(({ function: name, source }) => `${name} ${source ? `${basename(source.file)}:${source.line}` : ""}`));
  } finally {
    await symbolizer.dispose();
  }
}

function differences(places: readonly Place[], actual: Chains, expected: Chains): string[] {
  return places.flatMap(({ symbol, offset }, index) => {
    const [own, theirs] = [actual[index]?.join(" < "), expected[index]?.join(" < ")];
    return own === theirs ? [] : [`${symbol}+0x${offset.toString(16)}: ${own ?? ""} instead of ${theirs ?? ""}`];
  });
}

const layout = ["--unresolved-symbols=ignore-all", "--noinhibit-exec", "-e", "0", "--section-start=.text=0x10000", "--section-start=.init.text=0x400000"];
/** Compiler, its arguments, linker with its own. RISC-V code must not shrink, or offsets in the object file are not those of the program. */
const machines: readonly [name: string, compiler: readonly string[], linker: readonly string[]][] = [
  ...["x86_64", "aarch64", "riscv64", "powerpc64le", "armv7", "i386"].flatMap((machine) =>
    [4, 5].map((version): (typeof machines)[number] => [`clang, ${machine}, DWARF ${version}`, ["clang", `--target=${machine}-linux-gnu`, ...(machine === "armv7" ? ["-mfloat-abi=soft"] : []), `-gdwarf-${version}`], ["ld.lld", "--no-relax"]]),
  ),
  ["clang, s390x, DWARF 5", ["clang", "--target=s390x-linux-gnu", "-gdwarf-5"], ["s390x-linux-gnu-ld"]],
  ["gcc, x86_64, DWARF 2", ["gcc", "-gdwarf-2"], ["ld.lld"]],
  ["gcc, x86_64, DWARF 3", ["gcc", "-gdwarf-3"], ["ld.lld"]],
  ["gcc, x86_64, DWARF 5, 64-bit format", ["gcc", "-gdwarf-5", "-gdwarf64"], ["ld.lld"]],
  ["gcc, x86_64, a section for each function", ["gcc", "-ffunction-sections"], ["ld.lld"]],
  ["gcc, aarch64", ["aarch64-linux-gnu-gcc"], ["ld.lld"]],
];

describe("Symbolizer, on what compilers write", function () {
  this.timeout(60_000);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "knetscope-compilers-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const compile = (source: string, object: string, [compiler = "", ...flags]: readonly string[]): string => run(compiler, ...flags, "-g", "-O2", "-ffreestanding", "-fno-asynchronous-unwind-tables", "-c", join(sources, source), "-o", object);
  const link = (objects: readonly string[], program: string, [linker = "", ...flags]: readonly string[]): string => run(linker, ...flags, ...layout, "-o", program, ...objects);

  for (const [name, compiler, linker] of machines) {
    it(`answers like llvm-symbolizer: ${name}`, async () => {
      compile("calls.c", "calls.o", compiler);
      link(["calls.o"], "calls", linker);
      const places = placesIn("calls");
      assert.ok(places.length > 200, `${places.length} places`);
      const expected = expectedOf("calls", places);
      assert.ok(expected.some((chain) => chain.length > 2));
      assert.deepEqual(differences(places, await actualOf("calls", places), expected).slice(0, 5), []);
      assert.deepEqual(differences(places, await actualOf("calls.o", places), expected).slice(0, 5), []);
    });
  }

  for (const compiler of [["aarch64-linux-gnu-gcc"], ["gcc", "-fcf-protection=none"]]) {
    it(`a return address behind a call that never returns is of the function that calls: ${compiler[0]}`, async () => {
      compile("fatal.c", "fatal.o", [...compiler, "-falign-functions=1"]);
      link(["fatal.o"], "fatal", ["ld.lld"]);
      const symbolizer = new Symbolizer({ vmlinux: { file: join(folder, "fatal") }, modules: () => Promise.resolve(undefined) }, { worker: "in-process" });
      const start: Omit<StackFrame, "kind"> = { symbol: "follows", offset: 0, reliable: true };
      const [returned, exact, doubted, other] = await symbolizer.resolve([{ ...start, kind: "return" }, { ...start, kind: "exact" }, { ...start, kind: "return", reliable: false }, { ...start, symbol: "stop", kind: "return" }]);
      await symbolizer.dispose();
      assert.deepEqual([returned?.symbol, returned?.lookup, returned?.frames.map(({ function: name, source }) => [name, source?.line])], ["fails", "caller", [["fails", 14]]]);
      assert.match(returned?.message ?? "", /^fails ends with a call that does not return, so the address after it is printed as the start of follows\.$/);
      assert.deepEqual([exact?.symbol, doubted?.symbol, other?.symbol], ["follows", "follows", "stop"]);
    });
  }

  it("answers from programs that share what dwz took out of them, beside each other or by name only", async () => {
    for (const [source, name] of [["calls.c", "one"], ["more.c", "two"]] as const) {
      compile(source, `${name}.o`, ["gcc", "-gdwarf-5"]);
      link([`${name}.o`], name, ["ld.lld"]);
    }
    const places = (["one", "two"] as const).map((name) => placesIn(name));
    const before = await Promise.all((["one", "two"] as const).map((name, index) => actualOf(name, places[index] ?? [])));
    run("dwz", "-m", "shared.dwz", "-h", "one", "two");
    assert.match(run("readelf", "--wide", "--sections", "one"), /gnu_debugaltlink/);
    for (const [index, name] of (["one", "two"] as const).entries()) {
      assert.deepEqual(differences(places[index] ?? [], await actualOf(name, places[index] ?? []), before[index] ?? []), []);
    }
    run("mv", "shared.dwz", "elsewhere.dwz");
    const symbolizer = new Symbolizer({ vmlinux: { file: join(folder, "two") }, modules: () => Promise.resolve(undefined) }, { worker: "in-process" });
    const answers = await symbolizer.resolve((places[1] ?? []).map(({ symbol, offset }) => ({ symbol, offset, kind: "exact", reliable: true })));
    await symbolizer.dispose();
    const nameless = answers.find(({ frames }) => frames.some((frame) => frame.function === "?"));
    assert.match(nameless?.message ?? "", /shared\.dwz \(build id [0-9a-f]+\), which was not found/);
  });

  for (const method of ["zlib", "zlib-gnu", "zstd"]) {
    it(`answers from sections compressed with ${method}, as from plain ones`, async () => {
      compile("calls.c", "plain.o", ["gcc"]);
      link(["plain.o"], "plain", ["ld.lld"]);
      run("objcopy", `--compress-debug-sections=${method}`, "plain", "packed");
      const places = placesIn("plain");
      assert.match(run("readelf", "--wide", "--sections", "packed"), /\.zdebug_info|debug_info .* C /);
      assert.deepEqual(differences(places, await actualOf("packed", places), await actualOf("plain", places)), []);
    });
  }
});
