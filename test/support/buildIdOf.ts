import { execFileSync } from "node:child_process";
import { buildId, type BuildId } from "../../src/base/brands";

/** Of an ELF file, as readelf reads it. */
export function buildIdOf(file: string): BuildId {
  const notes = execFileSync("readelf", ["-n", file], { encoding: "latin1", stdio: ["ignore", "pipe", "ignore"] });
  const [, id = ""] = /Build ID: ([0-9a-f]+)/.exec(notes) ?? [];
  return buildId(id);
}
