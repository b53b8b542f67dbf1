import type { FieldPlaces } from "../../src/bpftrace/kernelFields";

/** A kernel that has these fields, by structure and path, and no others. */
export const placesOf = (known: Readonly<Record<string, Readonly<Record<string, number>>>>): FieldPlaces => (structure, path) => known[structure]?.[path];
