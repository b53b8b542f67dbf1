/** Numbers of the ELF specification (System V gABI, chapter 4) that the readers use. */
export const ET = { REL: 1, EXEC: 2, DYN: 3 } as const;
export const EM = { I386: 3, PPC64: 21, S390: 22, ARM: 40, X86_64: 62, AARCH64: 183, RISCV: 243 } as const;
export const SHT = { SYMTAB: 2, RELA: 4, NOTE: 7, NOBITS: 8, REL: 9, SYMTAB_SHNDX: 18 } as const;
export const SHF = { ALLOC: 2, EXECINSTR: 4, COMPRESSED: 0x800 } as const;
export const SHN = { UNDEF: 0, LORESERVE: 0xff00, ABS: 0xfff1, XINDEX: 0xffff } as const;
export const STT = { NOTYPE: 0, OBJECT: 1, FUNC: 2, SECTION: 3, FILE: 4, GNU_IFUNC: 10 } as const;
export const STB = { LOCAL: 0, GLOBAL: 1, WEAK: 2 } as const;
export const ELFCOMPRESS = { ZLIB: 1, ZSTD: 2 } as const;
