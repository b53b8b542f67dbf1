import { execFileSync } from "node:child_process";
import { pick, randomOf } from "./random";

/** A place in code, as a frame names it and as the tools are asked for it. */
export interface Place {
  readonly symbol: string;
  readonly offset: number;
  /** Distance to the next symbol. */
  readonly size: number;
  readonly stratum: string;
  /** Address in the file, or in its section in a module. */
  readonly address: bigint;
  readonly section: string;
  readonly module?: string;
  /** Other code has the same name. */
  readonly ambiguous?: boolean;
}

interface CodeSymbol {
  readonly name: string;
  readonly address: bigint;
  readonly size: number;
  /** st_size. */
  readonly codeSize: number;
  readonly type: string;
  readonly section: string;
}

const toolOutput = (tool: string, ...args: string[]): string => execFileSync(tool, args, { encoding: "latin1", maxBuffer: 2 ** 30, env: { ...process.env, LC_ALL: "C" } });

/** Symbols of code sections, by `readelf`: an independent reader. */
function codeSymbols(file: string): CodeSymbol[] {
  const sections = new Map<string, { name: string; end: bigint }>();
  for (const [, index = "", name = "", address = "", size = "", flags = ""] of toolOutput("readelf", "-SW", file).matchAll(/^\s*\[\s*(\d+)\] (\S+)\s+\S+\s+([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+) \S+\s+(\S*)/gm)) {
    if (flags.includes("X")) sections.set(index, { name, end: BigInt(`0x${address}`) + BigInt(`0x${size}`) });
  }
  const rows = [...toolOutput("readelf", "-sW", file).matchAll(/^\s*\d+: ([0-9a-f]+)\s+(\S+) (\S+)\s+\S+\s+\S+\s+(?:\[.*?\]\s+)?(\d+) (\S+)$/gm)].flatMap(([, address = "", size = "", type = "", index = "", name = ""]) => {
    const section = sections.get(index);
    return section && type !== "SECTION" && type !== "FILE" ? [{ name, address: BigInt(`0x${address}`), codeSize: Number(size), type, section }] : [];
  });
  return rows.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0)).flatMap((row, index, all) => {
    const next = all.slice(index + 1, index + 60).find((other) => other.section === row.section && other.address > row.address);
    const size = Number((next?.address ?? row.section.end) - row.address);
    return size > 0 && !/^(\.L|__pfx_|__UNIQUE_ID|__crc_)/.test(row.name) ? [{ ...row, section: row.section.name, size }] : [];
  });
}

const sizeOf = ({ size, codeSize }: CodeSymbol): number => (codeSize > 0 && codeSize < size ? codeSize : size);

function draw(pool: readonly CodeSymbol[], count: number, stratum: string, random: () => number, module?: string): Place[] {
  return Array.from({ length: pool.length === 0 ? 0 : count }, () => {
    const symbol = pick(pool, random) ?? pool[0]!;
    const length = sizeOf(symbol);
    const offset = stratum === "padding" ? length + Math.floor(random() * (symbol.size - length)) : Math.floor(random() * length);
    const { name, size, section, address } = symbol;
    return { symbol: name, offset, size, stratum, section, address: address + BigInt(offset), ...(module !== undefined && { module }) };
  });
}

/** Places of vmlinux in the strata that have gone wrong in some tool. */
export function vmlinuxPlaces(file: string, seed: number, count: number): Place[] {
  const random = randomOf(seed);
  const symbols = codeSymbols(file).filter(({ section }) => [".text", ".init.text", ".exit.text"].includes(section));
  const named = new Map<string, number>();
  for (const { name } of symbols) named.set(name, (named.get(name) ?? 0) + 1);
  const strata: [string, (symbol: CodeSymbol) => boolean, number][] = [
    ["random", () => true, 0.55],
    ["duplicate", ({ name }) => (named.get(name) ?? 0) > 1, 0.12],
    ["clone", ({ name }) => /\.(cold|isra|constprop|part)/.test(name), 0.12],
    ["assembler", ({ type, section }) => type === "NOTYPE" && section === ".text", 0.1],
    ["init", ({ section }) => section !== ".text", 0.06],
    ["padding", (symbol) => sizeOf(symbol) < symbol.size, 0.05],
  ];
  const places = strata.flatMap(([stratum, fits, share]) => draw(symbols.filter(fits), Math.ceil(count * share), stratum, random));
  return places.map((place) => ({ ...place, ambiguous: (named.get(place.symbol) ?? 0) > 1 }));
}

export function modulePlaces(file: string, name: string, seed: number, count: number): Place[] {
  const random = randomOf(seed);
  const symbols = codeSymbols(file);
  const text = symbols.filter(({ section }) => section === ".text");
  const others = symbols.filter(({ section }) => section !== ".text");
  return [...draw(text, count, "module", random, name), ...draw(others, Math.ceil(count / 4), "module-section", random, name)];
}
