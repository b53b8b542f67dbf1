import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { LocalKernels } from "../kernelsOnDemand";
import type { FrameResolver } from "./frameAnswers";

/** Answers with what this machine has, for clients that have no hosts. Sources are files, which any editor opens. */
export function localResolver(kernels: LocalKernels): FrameResolver {
  return {
    resolve: (queries, signal) => Promise.all(queries.map((query) => kernels.answer(query, signal))),
    source: async ({ uri, line, around }, signal) => {
      const text = await readFile(fileURLToPath(uri), { encoding: "utf8", signal });
      const first = Math.max(1, line - around);
      return { first, lines: text.split("\n", line + around).slice(first - 1) };
    },
  };
}
