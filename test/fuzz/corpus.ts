import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { sampleKernel, writeKernel } from "../support/kernelFixture";
import { compressed } from "../support/elfWriter";

export interface CorpusFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const source = join(import.meta.dirname, "../fixtures/dwarf/calls.c");

const compilers: readonly (readonly string[])[] = [
  ["gcc", "-gdwarf-5"], ["gcc", "-gdwarf-3"], ["gcc", "-gdwarf-5", "-gdwarf64", "-ffunction-sections"],
  ["clang", "-gdwarf-5"], ["clang", "-gdwarf-4", "--target=riscv64-linux-gnu"], ["clang", "-gdwarf-5", "--target=s390x-linux-gnu"], ["clang", "-gdwarf-4", "--target=armv7-linux-gnu", "-mfloat-abi=soft"],
];

/** Files of every kind that the readers know, a few thousand bytes each. Compilers that are not here are left out. */
export function corpus(): CorpusFile[] {
  const folder = mkdtempSync(join(tmpdir(), "knetscope-fuzz-"));
  try {
    const files: CorpusFile[] = compilers.flatMap((command, index) => compiled(folder, index, command));
    const [first] = files;
    if (first) files.push(...packed(folder, first));
    const written: CorpusFile[] = ([2, 3, 4, 5] as const).flatMap((version) =>
      (["little", "big"] as const).map((endianness) => ({ name: `written, DWARF ${version}, ${endianness}`, bytes: writeKernel(sampleKernel({ encoding: { version, endianness, addressSize: 8, offsetSize: 4 } })) })),
    );
    const inflated = writeKernel(sampleKernel({ transform: (sections) => sections.map((section) => compressed(section)) }));
    return [...files, ...written, { name: "written, zlib", bytes: inflated }, { name: "no ELF file", bytes: deflateSync(inflated) }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compiled(folder: string, index: number, [compiler = "", ...flags]: readonly string[]): CorpusFile[] {
  const object = join(folder, `${index}.o`);
  const { status } = spawnSync(compiler, [...flags, "-g", "-O2", "-ffreestanding", "-fno-asynchronous-unwind-tables", "-c", source, "-o", object], { stdio: "ignore" });
  return status === 0 ? [{ name: [compiler, ...flags].join(" "), bytes: readFileSync(object) }] : [];
}

function packed(folder: string, { name }: CorpusFile): CorpusFile[] {
  return ["zlib", "zlib-gnu", "zstd"].flatMap((method) => {
    const file = join(folder, `${method}.o`);
    try {
      execFileSync("objcopy", [`--compress-debug-sections=${method}`, join(folder, "0.o"), file], { stdio: "ignore" });
      return [{ name: `${name}, ${method}`, bytes: readFileSync(file) }];
    } catch {
      return [];
    }
  });
}
