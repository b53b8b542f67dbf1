import { EM } from "../elf/elfConstants";

/** The instruction that ends where a return address points. */
export type CallBefore =
  | { readonly kind: "direct"; /** pc that is called. */ readonly target: number }
  | { readonly kind: "indirect" }
  /** Nothing there can be a call. */
  | { readonly kind: "none" };

/** Bytes before a return address that are enough to see its call. */
export const longestCall = 8;

/**
 * Reads backwards, so what looks like a call may in truth be the end of something longer; a direct call is believed only when its
 * target is the start of the very function that was called. Intel SDM volume 2, CALL; Arm ARM, C6.2, BL and BLR.
 *
 * @param bytes the `longestCall` bytes before `pc`
 * @returns undefined for machines that are not known here
 */
export function callBefore(bytes: Uint8Array, pc: number, machine: number): CallBefore | undefined {
  if (bytes.length < longestCall) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (machine === EM.X86_64) return callOfX86(bytes, view, pc);
  return machine === EM.AARCH64 ? callOfArm64(view, pc) : undefined;
}

function callOfX86(bytes: Uint8Array, view: DataView, pc: number): CallBefore {
  const end = bytes.length;
  if (bytes[end - 5] === 0xe8) return { kind: "direct", target: pc + view.getInt32(end - 4, true) };
  // FF /2 with its ModRM byte: register (2 bytes), and memory with a displacement of 0, 1 or 4 bytes, with or without SIB.
  const indirect = [2, 3, 4, 6, 7].some((length) => bytes[end - length] === 0xff && ((bytes[end - length + 1] ?? 0) & 0x38) === 0x10);
  return { kind: indirect ? "indirect" : "none" };
}

function callOfArm64(view: DataView, pc: number): CallBefore {
  const word = view.getUint32(longestCall - 4, true);
  if (word >>> 26 === 0b100101) return { kind: "direct", target: pc - 4 + ((word << 6) >> 4) };
  // BLR, and BLRAA and its kin with pointer authentication.
  return { kind: (word & 0xfffffc1f) >>> 0 === 0xd63f0000 || (word & 0xfeff0800) >>> 0 === 0xd63f0800 ? "indirect" : "none" };
}
