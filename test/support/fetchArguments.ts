/** Evaluates fetch arguments of a probe over a memory of our own, as the kernel would (Documentation/trace/kprobetrace.rst): `name=+OFFS(+OFFS($argN)):TYPE`. */
export interface Memory {
  readonly endianness: "little" | "big";
  /** Of the function, from $arg1. */
  readonly values: readonly bigint[];
  /** Pieces by their address. */
  readonly pieces: ReadonlyMap<bigint, Buffer>;
}

export function fetchedText(definition: string, memory: Memory): string {
  return definition.split(" ").slice(1).map((argument) => {
    const [, name = "", expression = "", type = ""] = /^(\w+)=(.*):([suxz]\d+)$/.exec(argument) ?? [];
    if (name === "") throw new Error(`no fetch argument: ${argument}`);
    return `${name}=${printed(expression, type, memory)}`;
  }).join(" ");
}

function printed(expression: string, type: string, memory: Memory): string {
  const size = Number(type.slice(1)) / 8;
  const value = expression.startsWith("$") ? argumentOf(expression, memory) : load(expression, size, memory);
  if (value === undefined) return "(fault)";
  const cut = BigInt.asUintN(size * 8, value);
  return type.startsWith("x") ? `0x${cut.toString(16)}` : String(type.startsWith("s") ? BigInt.asIntN(size * 8, cut) : cut);
}

const argumentOf = (expression: string, { values }: Memory): bigint | undefined => values[Number(/^\$arg(\d+)$/.exec(expression)?.[1]) - 1];

function load(expression: string, size: number, memory: Memory): bigint | undefined {
  const [, offset = "", inner = ""] = /^([+-]\d+)\((.*)\)$/.exec(expression) ?? [];
  if (inner === "") throw new Error(`no fetch expression: ${expression}`);
  const base = inner.startsWith("$") ? argumentOf(inner, memory) : load(inner, 8, memory);
  const address = (base ?? 0n) + BigInt(offset);
  for (const [start, piece] of memory.pieces) {
    const at = Number(address - start);
    if (at < 0 || at + size > piece.length) continue;
    const bytes = piece.subarray(at, at + size);
    return BigInt(`0x${(memory.endianness === "little" ? Buffer.from(bytes).reverse() : bytes).toString("hex")}`);
  }
  return undefined;
}
