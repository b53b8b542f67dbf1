/** What a resident pump was asked in one pass, taken apart as the pump does it. */
export interface Pass {
  /** Namespaces, owners, cgroups. */
  readonly flags: readonly number[];
  readonly files: readonly string[];
  /** Each behind its protocol, a word. */
  readonly requests: Uint8Array;
}

export function passOf(bytes: Uint8Array = new Uint8Array(0)): Pass {
  const [line = ""] = Buffer.from(bytes).toString("latin1").split("\n", 1);
  const [word, ...numbers] = line.split(" ");
  if (word !== "pass") throw new Error(`no pass: ${line}`);
  const [all = 0, owners = 0, cgroups = 0, paths = 0, length = 0] = numbers.map(Number);
  const start = line.length + 1;
  const files = Buffer.from(bytes.subarray(start, start + paths)).toString().split("\n");
  return { flags: [all, owners, cgroups], files, requests: bytes.subarray(start + paths, start + paths + length) };
}
