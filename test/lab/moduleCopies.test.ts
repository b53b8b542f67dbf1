import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findModuleFile } from "../../src/symbolize/moduleFiles";
import { Symbolizer } from "../../src/symbolize/symbolizer";
import { compare, describeAnswer, describeChain, type Verdict } from "../symbolize/oracle/compare";
import { modulePlaces, vmlinuxPlaces, type Place } from "../symbolize/oracle/places";
import { ask } from "../symbolize/oracle/tools";
import { ensureDebug } from "./ensureDebug";
import { linkModule } from "./linkModule";

const names = ["nf_conntrack", "nf_tables"] as const;
const seed = 7;

/** Debuginfo of real modules in the forms that distributions ship, asked for the same places as the original. */
describe("copies of a module's debuginfo", function () {
  this.timeout(120_000);
  let folder = "";
  const originals = new Map<string, string>();
  const verdicts: Verdict[] = [];
  const run = (tool: string, ...args: string[]): string => execFileSync(tool, args, { encoding: "latin1", cwd: folder, maxBuffer: 1 << 26, stdio: ["ignore", "pipe", "pipe"] });

  before(async function () {
    this.timeout(1_800_000);
    const debug = await ensureDebug("6.1");
    folder = mkdtempSync(join(tmpdir(), "knetscope-copies-"));
    for (const name of names) {
      const file = (await findModuleFile(debug, name))!;
      originals.set(name, file);
      verdicts.push(...asked(modulePlaces(file, name, seed, 200), (addresses, section) => [ask("addr2line", file, addresses, section), ask("eu-addr2line", file, addresses, section)]));
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const method of ["zlib", "zstd"]) {
    it(`answers from sections compressed with ${method} as binutils and elfutils do from plain ones`, async () => {
      for (const name of names) run("objcopy", `--compress-debug-sections=${method}`, originals.get(name)!, `${name}.${method}`);
      assert.match(run("readelf", "-SW", `nf_conntrack.${method}`), /\.debug_info +PROGBITS .* C /);
      await check(verdicts, (name) => `${name}.${method}`);
    });
  }

  it("answers from debug files that eu-strip has split off and relocated, as Fedora and RHEL ship them", async () => {
    for (const name of names) run("eu-strip", "--reloc-debug-sections", "-f", `${name}.ko.debug`, "-o", `${name}.stripped`, originals.get(name)!);
    await check(verdicts, (name) => `${name}.ko.debug`);
  });

  it("answers from what dwz has put into a file that both share as LLVM does before, and elfutils after", async () => {
    for (const name of names) {
      await linkModule(originals.get(name)!, join(folder, name));
      run("cp", name, `${name}.plain`);
    }
    run("dwz", "-m", "shared.dwz", "-h", ...names);
    assert.match(run("readelf", "-SW", "nf_conntrack"), /gnu_debugaltlink/);
    for (const name of names) {
      const own = (tool: "llvm-symbolizer" | "eu-addr2line", file: string) => (addresses: readonly bigint[]) => ask(tool, join(folder, file), addresses);
      const places = vmlinuxPlaces(join(folder, `${name}.plain`), seed, 200).map((place) => ({ ...place, module: name }));
      const [plain, packed] = [own("llvm-symbolizer", `${name}.plain`), own("eu-addr2line", name)];
      await check(asked(places, (addresses) => [plain(addresses), packed(addresses)]), () => name);
    }
  });

  /** All places that the tools agree on have their answer, which is most of them. */
  async function check(asking: readonly Verdict[], fileOf: (module: string) => string): Promise<void> {
    const symbolizer = new Symbolizer({ modules: (name) => Promise.resolve({ file: join(folder, fileOf(name)) }) }, { worker: "in-process" });
    const answers = await symbolizer.resolve(asking.map(({ place: { symbol, offset, size, module } }) => ({ symbol, offset, size, kind: "exact", reliable: true, ...(module !== undefined && { module }) })));
    await symbolizer.dispose();
    const compared = asking.map((verdict, index) => ({ verdict, answer: answers[index]!, comparison: compare(verdict, answers[index]!) }));
    const wrong = compared.filter(({ comparison }) => comparison === "differs" || comparison === "tools disagree, as neither");
    assert.deepEqual(wrong.map(({ verdict: { place, first, second }, answer }) => `${place.symbol}+${place.offset}: ${describeAnswer(answer)}; ${describeChain(first)}; ${describeChain(second)}`), []);
    assert.ok(compared.filter(({ comparison, answer }) => comparison === "same" && answer.status === "ok").length > asking.length * 0.9);
  }
});

/** What two tools say of places, asked section by section. */
function asked(places: readonly Place[], tools: (addresses: readonly bigint[], section: string) => readonly [Verdict["first"][], Verdict["second"][]]): Verdict[] {
  return [...new Set(places.map(({ section }) => section))].flatMap((section) => {
    const own = places.filter((place) => place.section === section);
    const [first, second] = tools(own.map(({ address }) => address), section);
    return own.map((place, index) => ({ place, first: first[index] ?? [], second: second[index] ?? [] }));
  });
}
