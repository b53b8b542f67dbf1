import { EM } from "./elfConstants";

/** What a relocation does to the bytes at its place with the value symbol + addend. */
export interface RelocationOperation {
  readonly kind: "set" | "add" | "subtract" | "set-uleb" | "subtract-uleb" | "set-6-bits" | "subtract-6-bits";
  /** Bytes at the place; 0: nothing is done. */
  readonly width: 0 | 1 | 2 | 4 | 8;
}

const nothing: RelocationOperation = { kind: "set", width: 0 };
const set = (width: 1 | 2 | 4 | 8): RelocationOperation => ({ kind: "set", width });
const add = (width: 1 | 2 | 4 | 8): RelocationOperation => ({ kind: "add", width });
const subtract = (width: 1 | 2 | 4 | 8): RelocationOperation => ({ kind: "subtract", width });

/**
 * Relocations that debug sections of relocatable files have, from the psABI of each machine. Offsets of
 * thread-local variables stand among the locations of variables, which nobody reads here.
 *
 * RISC-V shrinks code while linking, so its assembler leaves every difference of two addresses to the
 * linker, as a pair: the first label is added (or set), the second subtracted.
 */
const operations: Readonly<Record<number, Readonly<Record<number, RelocationOperation>>>> = {
  [EM.X86_64]: { 0: nothing, 1: set(8), 10: set(4), 11: set(4), 12: set(2), 14: set(1), 17: nothing, 21: nothing },
  [EM.AARCH64]: { 0: nothing, 256: nothing, 257: set(8), 258: set(4), 259: set(2), 1029: nothing },
  [EM.I386]: { 0: nothing, 1: set(4), 32: nothing },
  [EM.ARM]: { 0: nothing, 2: set(4), 5: set(2), 8: set(1), 106: nothing },
  [EM.PPC64]: { 0: nothing, 1: set(4), 38: set(8), 43: set(8), 78: nothing },
  [EM.S390]: { 0: nothing, 1: set(1), 3: set(2), 4: set(4), 22: set(8), 52: nothing, 53: nothing },
  [EM.RISCV]: {
    0: nothing, 1: set(4), 2: set(8), 8: nothing, 9: nothing, 43: nothing, 51: nothing,
    33: add(1), 34: add(2), 35: add(4), 36: add(8),
    37: subtract(1), 38: subtract(2), 39: subtract(4), 40: subtract(8),
    52: { kind: "subtract-6-bits", width: 1 }, 53: { kind: "set-6-bits", width: 1 },
    54: set(1), 55: set(2), 56: set(4),
    60: { kind: "set-uleb", width: 1 }, 61: { kind: "subtract-uleb", width: 1 },
  },
};

/** undefined when the type is not known: what it would do to the bytes is not known either. */
export const relocationOperation = (machine: number, type: number): RelocationOperation | undefined => operations[machine]?.[type];

/** Numbers wrap as the width of their place demands. */
export function applyRelocation(view: DataView, at: number, little: boolean, { kind, width }: RelocationOperation, value: number): void {
  switch (kind) {
    case "set":
      write(view, at, little, width, value);
      return;
    case "add":
      write(view, at, little, width, read(view, at, little, width) + value);
      return;
    case "subtract":
      write(view, at, little, width, read(view, at, little, width) - value);
      return;
    case "set-6-bits":
      view.setUint8(at, (view.getUint8(at) & 0xc0) | (value & 0x3f));
      return;
    case "subtract-6-bits":
      view.setUint8(at, (view.getUint8(at) & 0xc0) | ((view.getUint8(at) - value) & 0x3f));
      return;
    case "set-uleb":
      changeUleb(view, at, () => value);
      return;
    case "subtract-uleb":
      changeUleb(view, at, (old) => old - value);
  }
}

/** Of 8 bytes the signed value, as differences of addresses and the zeros before the first addition are small. */
function read(view: DataView, at: number, little: boolean, width: number): number {
  if (width === 1) return view.getUint8(at);
  if (width === 2) return view.getUint16(at, little);
  if (width === 4) return view.getUint32(at, little);
  const [low, high] = little ? [at, at + 4] : [at + 4, at];
  return view.getUint32(low, little) + view.getInt32(high, little) * 0x1_0000_0000;
}

function write(view: DataView, at: number, little: boolean, width: number, value: number): void {
  if (width === 1) view.setUint8(at, value);
  else if (width === 2) view.setUint16(at, value, little);
  else if (width === 4) view.setUint32(at, value, little);
  else if (width === 8) {
    const [low, high] = little ? [at, at + 4] : [at + 4, at];
    view.setUint32(low, value, little);
    view.setUint32(high, Math.floor(value / 0x1_0000_0000), little);
  }
}

/** The number keeps its length: the assembler left room for it. */
function changeUleb(view: DataView, at: number, change: (old: number) => number): void {
  let length = 1;
  let old = view.getUint8(at) & 0x7f;
  while (at + length < view.byteLength && length < 10 && view.getUint8(at + length - 1) >= 0x80) {
    old += (view.getUint8(at + length) & 0x7f) * 128 ** length;
    length++;
  }
  let value = change(old);
  // A difference that has only its first half yet is as large as an address: its upper bits come back by the second.
  for (let index = 0; index < length; index++, value = Math.floor(value / 128)) {
    const low = ((value % 128) + 128) % 128;
    view.setUint8(at + index, index < length - 1 ? low | 0x80 : low);
  }
}
