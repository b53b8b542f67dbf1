import { downLab } from "../../lab/downLab";
import { ensureDebug, ensureSource } from "../../lab/ensureDebug";
import type { LabKernel } from "../../lab/labKernel";
import type { LabState } from "../../lab/labState";
import { ownTarget } from "../../lab/ownTarget";
import { upLab } from "../../lab/upLab";
import { openWorkbench, type WorkbenchOptions } from "./openWorkbench";
import type { Workbench } from "./workbench";

export interface LabWorkbench {
  readonly workbench: Workbench;
  readonly target: LabState;
  /** Closes the window and ends the target. */
  close(): Promise<void>;
}

/**
 * Boots a target of its own for the end-to-end tests (alias `lab-e2e-KERNEL-…`) and opens a window that has it in its list of hosts, its debuginfo
 * and its kernel source in the settings. Not connected yet: that is for the test to do, by `connect`.
 */
export async function openLabWorkbench(kernel: LabKernel, options: WorkbenchOptions = {}): Promise<LabWorkbench> {
  const log = (line: string): void => console.log(`      ${line}`);
  await ensureDebug(kernel, log);
  await ensureSource(kernel, log);
  const name = ownTarget(`e2e-${kernel}`);
  const target = await upLab(kernel, { name, log });
  try {
    const settings = {
      "knetscope.hosts": [target.alias],
      "knetscope.debuginfo.vmlinux": target.vmlinux ?? "",
      "knetscope.debuginfo.modules": target.debugDir ?? "",
      "knetscope.sources": target.sourceTarball ? [target.sourceTarball] : [],
      ...options.settings,
    };
    const workbench = await openWorkbench({ ...options, sshConfig: target.sshConfigFile, settings });
    // Wide enough to read the rows in pictures.
    await workbench.resizeSideBar(640);
    const close = async (): Promise<void> => {
      await workbench.close();
      await downLab(name);
    };
    return { workbench, target, close };
  } catch (error) {
    await downLab(name);
    throw error;
  }
}

/** Connects to a host by the plug in its row, and waits until its kernel release stands there. */
export async function connect(workbench: Workbench, target: LabState): Promise<void> {
  const hosts = await workbench.view("Hosts");
  await hosts.clickAction(target.alias, "Connect");
  await hosts.waitForRow(target.release, 60_000);
}
