import { vaddr, type Vaddr } from "../base/brands";
import { describeError } from "../base/errors";
import { addressOfPc } from "../elf/addressLayout";
import type { DebugFiles } from "./debugFile";
import type { Image } from "./image";
import { Kallsyms, type KernelSymbol } from "./kallsyms";

/** The target's /proc/kallsyms, read once, when an address has to be understood. */
export class KallsymsStore {
  private loaded: Promise<Kallsyms | string> | undefined;

  constructor(private readonly files: DebugFiles) {}

  /** How far the running kernel was moved from the addresses in its vmlinux (KASLR); undefined when that cannot be known. */
  async slide(image: Image): Promise<bigint | undefined> {
    const kallsyms = await this.load();
    if (typeof kallsyms === "string") return undefined;
    const symbols = await image.symbols();
    for (const name of ["_stext", "_text", "start_kernel"]) {
      const [linked] = symbols.named(name);
      const [running] = kallsyms.addressesOf(name);
      if (linked && running !== undefined) return running - addressOfPc(image.layout.base, linked.pc);
    }
    return undefined;
  }

  /** The symbol of an address; that of the byte before a return address, with the offset of the address itself. */
  async lookup(address: Vaddr, lookup: "exact" | "caller"): Promise<KernelSymbol | undefined> {
    const kallsyms = await this.load();
    if (typeof kallsyms === "string") return undefined;
    const back = lookup === "caller" ? 1 : 0;
    const found = kallsyms.lookup(vaddr(address - BigInt(back)));
    return found && { ...found, offset: found.offset + back };
  }

  /** Why the running kernel's addresses are not known; undefined when they are. */
  async reason(): Promise<string | undefined> {
    const kallsyms = await this.load();
    return typeof kallsyms === "string" ? kallsyms : undefined;
  }

  private load(): Promise<Kallsyms | string> {
    return (this.loaded ??= this.read());
  }

  private async read(): Promise<Kallsyms | string> {
    try {
      const text = await this.files.kallsyms?.();
      if (!text) return "the running kernel's symbols (/proc/kallsyms) are not at hand";
      const kallsyms = Kallsyms.parse(text);
      if (kallsyms.length === 0) return "/proc/kallsyms is empty";
      return kallsyms.hidden ? "the running kernel hides its addresses (/proc/kallsyms shows zeros: kernel.kptr_restrict, or not root)" : kallsyms;
    } catch (error) {
      return `/proc/kallsyms cannot be read (${describeError(error)})`;
    }
  }
}
