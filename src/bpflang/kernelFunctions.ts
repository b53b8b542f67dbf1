/** The functions of a kernel that a probe can be put on, with their modules. */
import { FuzzyList } from "./fuzzyList";

/** Made-up names for places of functions that the linker dropped; in kallsyms also the padding before functions, which has their names. */
const notFunctions = /^__(?:ftrace_invalid_address|pfx_)/;

export class KernelFunctions {
  readonly list: FuzzyList;

  private constructor(private readonly modules: ReadonlyMap<string, string | undefined>) {
    this.list = new FuzzyList([...modules.keys()]);
  }

  /** @param text lines of available_filter_functions: `name` or `name [module]` */
  static parse(text: string): KernelFunctions {
    const modules = new Map<string, string | undefined>();
    for (const line of text.split("\n")) {
      const space = line.search(/\s/);
      const name = space < 0 ? line : line.slice(0, space);
      if (name === "" || notFunctions.test(name) || modules.has(name)) continue;
      modules.set(name, space < 0 ? undefined : /\[([^\]]*)/.exec(line)?.[1]);
    }
    return new KernelFunctions(modules);
  }

  has(name: string): boolean {
    return this.modules.has(name);
  }

  moduleOf(name: string): string | undefined {
    return this.modules.get(name);
  }

  get size(): number {
    return this.modules.size;
  }
}
