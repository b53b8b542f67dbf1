import type { BuildId } from "../base/brands";
import { describeError } from "../base/errors";
import { Image } from "./image";
import type { OpenFile } from "./openFile";

/** What a file turned out to be, as far as its suitability goes. */
export type Inspection =
  | { readonly kind: "debuginfo"; readonly buildId: BuildId | undefined }
  | { readonly kind: "stripped"; readonly buildId: BuildId | undefined }
  | { readonly kind: "unreadable"; readonly message: string };

/** Reads the headers and the build id. The file stays open. */
export async function inspectFile(file: OpenFile): Promise<Inspection> {
  try {
    const image = await Image.open(file);
    return { kind: image.hasDebugInfo ? "debuginfo" : "stripped", buildId: image.buildId };
  } catch (error) {
    return { kind: "unreadable", message: describeError(error) };
  }
}
