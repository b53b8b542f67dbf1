import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** Where pictures and logs of the end-to-end tests are kept (not in git). */
export const artifactsFolder = resolve(import.meta.dirname, "../../../artifacts/e2e");

export function artifact(name: string): string {
  mkdirSync(artifactsFolder, { recursive: true });
  return join(artifactsFolder, name);
}
