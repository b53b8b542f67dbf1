import { closeSync, openSync, readSync } from "node:fs";
import type { BuildId } from "../base/brands";
import { describeError } from "../base/errors";
import { dwarfSections } from "../dwarf/sections";
import { layoutOf } from "../elf/addressLayout";
import { openElf } from "../elf/elfFile";
import { readBuildId } from "../elf/notes";
import { drive } from "./drive";
import { openLocalFile, type OpenFile } from "./openFile";
import { packingOf } from "./unpack";

/** What a file turned out to be, as far as its suitability goes. */
export type Inspection =
  | { readonly kind: "debuginfo"; readonly buildId: BuildId | undefined }
  | { readonly kind: "stripped"; readonly buildId: BuildId | undefined }
  | { readonly kind: "unreadable"; readonly message: string };

/** Reads the headers and the build id. The file stays open. */
export async function inspectFile(file: OpenFile): Promise<Inspection> {
  try {
    const elf = await drive(openElf(file));
    return { kind: dwarfSections(elf, layoutOf(elf)) ? "debuginfo" : "stripped", buildId: await drive(readBuildId(elf)) };
  } catch (error) {
    return { kind: "unreadable", message: describeError(error) };
  }
}

/** The same of a file of this machine, which may be packed as modules are. */
export async function inspectHere(path: string): Promise<Inspection | { readonly kind: "packed" }> {
  try {
    if (packingOf(startOf(path))) return { kind: "packed" };
    const file = openLocalFile(path);
    const inspection = await inspectFile(file);
    await file.close();
    return inspection;
  } catch (error) {
    return { kind: "unreadable", message: describeError(error) };
  }
}

function startOf(path: string): Uint8Array {
  const descriptor = openSync(path, "r");
  try {
    const bytes = new Uint8Array(8);
    return bytes.subarray(0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}
