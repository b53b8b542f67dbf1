import { spawnSync } from "node:child_process";
import { DomainError } from "../../../src/base/errors";

/** A function of a chain as a tool prints it. Line 0 and no file: it does not know. */
export interface ToolFrame {
  readonly function: string | undefined;
  readonly file: string | undefined;
  readonly line: number;
  readonly column: number;
}

export type ToolName = "addr2line" | "llvm-symbolizer" | "eu-addr2line";

/** The chains of addresses, innermost first. With a section the addresses count from its start. */
export function ask(tool: ToolName, file: string, addresses: readonly bigint[], section?: string): ToolFrame[][] {
  const where = tool === "llvm-symbolizer" ? ["-a", `--obj=${file}`] : ["-a", "-f", "-i", "-e", file, ...(section === undefined ? [] : ["-j", section])];
  const input = addresses.map((address) => `0x${address.toString(16)}\n`).join("");
  const { stdout, error } = spawnSync(tool, where, { input, encoding: "latin1", maxBuffer: 2 ** 30, env: { ...process.env, LC_ALL: "C" } });
  if (error) throw new DomainError("oracle/no-tool", `${tool} cannot be run (Debian packages binutils, llvm, elfutils): ${error.message}`, tool);
  const chains = parse(stdout, tool);
  if (chains.length !== addresses.length) throw new DomainError("oracle/bad-answer", `${chains.length} answers to ${addresses.length} questions`, tool);
  return chains;
}

function parse(text: string, tool: ToolName): ToolFrame[][] {
  const chains: ToolFrame[][] = [];
  let name: string | undefined;
  for (const line of text.split("\n")) {
    if (/^0x[0-9a-f]+$/i.test(line)) {
      chains.push([]);
      name = undefined;
    } else if (line !== "") {
      if (name === undefined) name = line;
      else {
        chains.at(-1)?.push(frame(name, line, tool));
        name = undefined;
      }
    }
  }
  return chains;
}

function frame(name: string, place: string, tool: ToolName): ToolFrame {
  const own = name.replace(/ (inlined at .*|\(inlined by\))$/, "");
  const text = place.replace(/ \(discriminator \d+\)$/, "").replace(/ \(inlined by\).*$/, "");
  const [, file = "??", line = "0", column = "0"] = (tool === "addr2line" ? /^(.*):(\d+|\?)$/ : /^(.*?):(\d+|\?)(?::(\d+))?$/).exec(text) ?? [];
  // Where there is no line binutils and LLVM name the object file of the symbol table: that is no answer.
  const known = !file.startsWith("??") && Number(line) > 0;
  return { function: own === "??" ? undefined : own, file: known ? treePath(file) : undefined, line: known ? Number(line) : 0, column: Number(column) };
}

/** Strips Debian's build folder and the root of its tree; folds dots. */
function treePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.replace(/^(.*\/)?debian\/build\/[^/]+\//, "").replace(/^\/build\/.*?\/linux-[^/]+\//, "").split("/")) {
    if (part === ".." && parts.length > 0) parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

/** Whether two tools gave the same chain of places, and the same names of inlined functions. */
export function agree(a: readonly ToolFrame[], b: readonly ToolFrame[]): boolean {
  if (isEmpty(a) && isEmpty(b)) return true;
  if (a.length !== b.length) return false;
  return a.every((own, index) => {
    const other = b[index];
    return own.file === other?.file && own.line === other?.line && (index === a.length - 1 ? own.function !== undefined && other.function !== undefined : own.function === other.function);
  });
}

export const isEmpty = (chain: readonly ToolFrame[]): boolean => chain.every(({ file }) => file === undefined);
