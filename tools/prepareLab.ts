import { ensureDebug, ensureSource } from "../test/lab/ensureDebug";
import { ensureImage } from "../test/lab/ensureImage";
import { fullKernels, labKernels } from "../test/lab/labKernel";

const log = (line: string): void => console.log(line);

/** Builds the lab's images and fetches debuginfo and source of its kernels, without booting anything. */
async function prepareLab(): Promise<void> {
  for (const kernel of labKernels) await ensureImage(kernel, log);
  for (const kernel of fullKernels) {
    await ensureDebug(kernel, log);
    await ensureSource(kernel, log);
  }
}

prepareLab().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
