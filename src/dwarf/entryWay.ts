import type { ByteReader } from "../base/byteReader";
import { DW_AT, DW_FORM, DW_TAG } from "./constants";

/** How an entry is passed over together with all below it. */
export const Way = {
  unknown: 0,
  /** No children; `size` bytes. */
  plain: 1,
  /** `size` bytes before a DW_FORM_ref4 that leads to its sibling. */
  sibling: 2,
  /** The same of a type, in which functions may be declared. */
  type: 3,
  /** No children; `size` bytes, a block with a LEB128 length, `rest` bytes. */
  block: 4,
  /** No children; `size` bytes, a string, `rest` bytes. */
  text: 5,
  /** It is looked at: it may be wanted, or is written in no usual way. */
  wanted: 6,
} as const;

// A way is one small number: its kind, and above it the bytes `size` and `rest`.
export const wayKind = 7;
export const waySize = 3;
export const wayRest = 17;
/** Mask of `size`, once it is shifted down; the largest of both. */
export const wayBytes = 0x3fff;

const wayOf = (kind: number, size: number, rest: number): number => kind | (size << waySize) | (rest << wayRest);

const lookedAt: ReadonlySet<number> = new Set([DW_TAG.inlined_subroutine, DW_TAG.lexical_block, DW_TAG.namespace, DW_TAG.module]);
const types: ReadonlySet<number> = new Set([DW_TAG.structure_type, DW_TAG.class_type, DW_TAG.union_type]);

/**
 * The way of a declaration (DWARF 7.5.3).
 *
 * @param reader stands at its tag
 * @param sizes of forms, -1 where they vary
 */
export function entryWay(reader: ByteReader, sizes: Int8Array): number {
  const tag = reader.uleb();
  const hasChildren = reader.u8() !== 0;
  if (lookedAt.has(tag)) return Way.wanted;
  let size = 0;
  let sibling = -1;
  let loose = -1;
  let looseForm = 0;
  for (;;) {
    const name = reader.uleb();
    const form = reader.uleb();
    if (name === 0 && form === 0) break;
    if (form === DW_FORM.implicit_const) reader.skipLeb();
    // Of functions those without code are of no interest.
    if (tag === DW_TAG.subprogram && (name === DW_AT.low_pc || name === DW_AT.ranges)) return Way.wanted;
    const own = sizes[form] ?? -1;
    if (own < 0) {
      if (loose >= 0) return Way.wanted;
      loose = size;
      looseForm = form;
    } else {
      if (name === DW_AT.sibling) {
        if (form !== DW_FORM.ref4) return Way.wanted;
        sibling = size;
      }
      size += own;
    }
  }
  if (size > wayBytes) return Way.wanted;
  if (hasChildren) return sibling < 0 || loose >= 0 ? Way.wanted : wayOf(types.has(tag) ? Way.type : Way.sibling, sibling, size - sibling);
  if (loose < 0) return wayOf(Way.plain, size, 0);
  if (looseForm === DW_FORM.string) return wayOf(Way.text, loose, size - loose);
  return looseForm === DW_FORM.exprloc || looseForm === DW_FORM.block ? wayOf(Way.block, loose, size - loose) : Way.wanted;
}
