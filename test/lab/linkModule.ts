import { buildIdOf } from "../support/buildIdOf";
import { runTool } from "./runTool";

/**
 * Links a module into a program of which all sections have addresses: dwz takes no object files, and what it does to a kernel's debug information
 * is to be seen. Build id and symbols stay the module's.
 */
export async function linkModule(module: string, program: string): Promise<void> {
  const layout = ["--unresolved-symbols=ignore-all", "--noinhibit-exec", "-e", "0", "--section-start=.text=0x10000", "--section-start=.init.text=0x400000", "--no-check-sections", `--build-id=0x${buildIdOf(module)}`];
  await runTool(["ld", ...layout, "-o", program, module]);
}
