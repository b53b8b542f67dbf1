/** Builds the lab's images and fetches debuginfo and source of its kernels, without booting anything. */
import { ensureDebug, ensureSource } from "../test/lab/ensureDebug";
import { ensureImage } from "../test/lab/ensureImage";
import { labKernels } from "../test/lab/labKernel";

const log = (line: string): void => console.log(line);

for (const kernel of labKernels) await ensureImage(kernel, log);
for (const kernel of labKernels) {
  if (kernel === "bare") continue;
  await ensureDebug(kernel, log);
  await ensureSource(kernel, log);
}
