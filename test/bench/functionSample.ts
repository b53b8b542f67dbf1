import { execFileSync } from "node:child_process";

/** A place in the middle of a function. */
export interface SampledPlace {
  readonly symbol: string;
  readonly offset: number;
  readonly address: bigint;
}

/** `count` functions spread over a vmlinux, each name only once there; read with eu-readelf, not with our own reader. */
export function functionSample(vmlinux: string, count: number): SampledPlace[] {
  const table = execFileSync("eu-readelf", ["--symbols", vmlinux], { encoding: "utf8", maxBuffer: 1 << 28 });
  const all = [...table.matchAll(/^\s*\d+: ([0-9a-f]+)\s+(\d+) FUNC\s+\S+\s+\S+\s+\d+ (\w+)$/gm)];
  const seen = new Map<string, number>();
  for (const [, , , name = ""] of all) seen.set(name, (seen.get(name) ?? 0) + 1);
  const usable = all.filter(([, , size, name = ""]) => Number(size) > 64 && seen.get(name) === 1);
  const step = Math.max(1, Math.floor(usable.length / count));
  return usable
    .filter((_, index) => index % step === 0)
    .slice(0, count)
    .map(([, address = "0", size, symbol = ""]) => {
      const offset = Math.floor(Number(size) / 2);
      return { symbol, offset, address: BigInt(`0x${address}`) + BigInt(offset) };
    });
}
