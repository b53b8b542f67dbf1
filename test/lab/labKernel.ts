import { DomainError } from "../../src/base/errors";

/** A full target by its kernel, or `bare`: busybox and dropbear on the 6.1 kernel. */
export const labKernels = ["6.1", "6.12", "bare"] as const;
export type LabKernel = (typeof labKernels)[number];
export type FullKernel = Exclude<LabKernel, "bare">;

export const fullKernels: readonly FullKernel[] = ["6.1", "6.12"];

/** Debian's meta packages; which version they mean is asked of the archive. */
export const metaPackages: Record<FullKernel, string> = {
  "6.1": "linux-image-cloud-amd64",
  "6.12": "linux-image-6.12-cloud-amd64",
};

export const sourcePackages: Record<FullKernel, string> = { "6.1": "linux-source-6.1", "6.12": "linux-source-6.12" };

/** The kernel a target boots. */
export const kernelOf = (kernel: LabKernel): FullKernel => (kernel === "bare" ? "6.1" : kernel);

export function parseLabKernel(text: string): LabKernel {
  const kernel = labKernels.find((known) => known === text);
  if (kernel === undefined) throw new DomainError("lab/unknown-kernel", `no kernel ${text}; there are ${labKernels.join(", ")}`);
  return kernel;
}
