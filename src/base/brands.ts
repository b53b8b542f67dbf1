/** Numbers that must not be mixed up, told apart by the type checker alone. */

declare const brand: unique symbol;

type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** A virtual address, as the running kernel or a linked file uses it. */
export type Vaddr = Branded<bigint, "Vaddr">;
/** A byte offset from the start of a file. */
export type FileOffset = Branded<number, "FileOffset">;
/** A GNU build id in lower-case hex, without separators. */
export type BuildId = Branded<string, "BuildId">;

export const vaddr = (value: bigint): Vaddr => BigInt.asUintN(64, value) as Vaddr;
export const fileOffset = (value: number): FileOffset => value as FileOffset;

/** @throws RangeError when the text is not an even number of hex digits. */
export function buildId(hex: string): BuildId {
  if (!/^([0-9a-f]{2})+$/i.test(hex)) throw new RangeError(`not a build id: ${hex}`);
  return hex.toLowerCase() as BuildId;
}

/** `ffffffff81000000`, without 0x, as kernels print addresses. */
export const hex = (address: bigint): string => address.toString(16);
