import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { longLog } from "../support/stackTexts";
import { compare } from "./compare";
import { BenchClient } from "./serverClient";

interface LongLogFigures {
  /** Milliseconds from the opening until the editor has links that can be followed; the text itself is on its way in that time, too. */
  readonly firstLinks: number;
  readonly links: number;
  /** Until all links are there. */
  readonly allLinks: number;
  readonly total: number;
  /** The longest that a small question (the hover of a line without a frame) waited meanwhile. */
  readonly longestWait: number;
  /** Until the links are there again after a line was typed in the middle. */
  readonly afterEdit: number;
}

const uri = "file:///long.log";

/** A log of 10 MB with 2,000 stacks, opened in the built language server. */
async function longLogRow(script: string): Promise<LongLogFigures> {
  const text = longLog(10 << 20, 2000);
  const client = new BenchClient(script);
  try {
    await client.start({ stacks: { languages: ["log"], files: [], maxFileBytes: 32 << 20, inlayHints: true, diagnostics: true } });
    const start = performance.now();
    client.notify("textDocument/didOpen", { textDocument: { uri, languageId: "log", version: 1, text } });
    const links = async (): Promise<number> => ((await client.request("textDocument/documentLink", { textDocument: { uri } })) as unknown[]).length;
    const first = await links();
    const firstLinks = performance.now() - start;
    let longestWait = 0;
    let total = first;
    for (let before = -1; before !== total; ) {
      before = total;
      const asked = performance.now();
      await client.request("textDocument/hover", { textDocument: { uri }, position: { line: 50, character: 3 } });
      longestWait = Math.max(longestWait, performance.now() - asked);
      total = await links();
    }
    const allLinks = performance.now() - start;
    const middle = { line: 55_000, character: 0 };
    const edited = performance.now();
    client.notify("textDocument/didChange", { textDocument: { uri, version: 2 }, contentChanges: [{ range: { start: middle, end: middle }, text: "one line more\n" }] });
    await links();
    return { firstLinks, links: first, allLinks, total, longestWait, afterEdit: performance.now() - edited };
  } finally {
    client.stop();
  }
}

/** The peer is the C library's regular expressions, which only find the places and make nothing of them. */
export async function showLongLog(script: string): Promise<void> {
  const figures = await longLogRow(script);
  const folder = mkdtempSync(join(tmpdir(), "knetscope-bench-"));
  const file = join(folder, "long.log");
  writeFileSync(file, longLog(10 << 20, 2000));
  const [grep] = compare([{ name: "grep", argv: ["grep", "-cE", String.raw`[A-Za-z_][A-Za-z0-9_.]*\+0x[0-9a-f]+/0x[0-9a-f]+`, file] }], 3);
  rmSync(folder, { recursive: true });
  console.log("\nA log of 10 MB with 2,000 stacks opened in the language server");
  const row = (name: string, milliseconds: number, note = ""): void => console.log(`  ${name.padEnd(22)}${milliseconds.toFixed(0).padStart(8)} ms  ${note}`);
  row("first links", figures.firstLinks, `${figures.links} of them`);
  row("all links", figures.allLinks, `${figures.total} of them`);
  row("longest wait", figures.longestWait, "of another request meanwhile");
  row("links after an edit", figures.afterEdit);
  row("grep -cE", grep?.milliseconds ?? NaN, "the same file, lines with symbol+offset/size only");
}
