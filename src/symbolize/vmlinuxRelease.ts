import { openElf } from "../elf/elfFile";
import { readRange, type Reading } from "../elf/reading";
import { drive } from "./drive";
import { openLocalFile, type OpenFile } from "./openFile";

/** Bytes read at once; the banner (init/version.c) is near the start of what is read-only. */
const step = 1 << 20;
/** Longer than a release may be (UTS_RELEASE, 64 bytes), with what stands before and behind it. */
const overlap = 128;

/**
 * The release of the kernel that a vmlinux of this machine is of, from its own banner. undefined where the file has no data but debug information,
 * which tells a kernel by its build id alone.
 *
 * @throws DomainError `symbolize/cannot-open`, `elf/…`
 */
export async function vmlinuxRelease(path: string): Promise<string | undefined> {
  const file = openLocalFile(path);
  try {
    return await drive(readRelease(file));
  } finally {
    await file.close();
  }
}

function* readRelease(file: OpenFile): Reading<string | undefined> {
  const section = (yield* openElf(file)).sectionWithBytes(".rodata");
  if (!section) return undefined;
  const end = section.offset + section.size;
  for (let at = section.offset; at < end; at += step) {
    const bytes = yield* readRange(file, at, Math.min(step + overlap, end - at));
    const release = /Linux version (\d\S{0,63}) \(/.exec(Buffer.from(bytes).toString("latin1"))?.[1];
    if (release !== undefined) return release;
  }
  return undefined;
}
