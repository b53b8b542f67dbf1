/** Run by the bench as a process of its own, loaded as the command line loads its parts: VMLINUX FRAME look|keep. Resolves one frame and says what that took; `keep` keeps an index afterwards. */
import { parseFrame } from "../../src/stacks/parseFrame";
import { Resolver } from "../../src/symbolize/resolver";

/** Milliseconds. */
export interface OneFrame {
  readonly cpu: number;
  readonly wall: number;
  readonly kept: number;
}

async function main(): Promise<void> {
  const [vmlinux = "", text = "", mode] = process.argv.slice(2);
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const resolver = new Resolver({ vmlinux: { file: vmlinux }, modules: () => Promise.resolve(undefined) });
  const [answer] = await resolver.resolve([{ ...parseFrame(text)!, kind: "exact" }]);
  const took = { cpu: since(cpu), wall: performance.now() - wall };
  if (answer?.status !== "ok") throw new Error(answer?.message ?? "no answer");
  const keeping = process.cpuUsage();
  if (mode === "keep") await resolver.keep();
  console.log(JSON.stringify({ ...took, kept: since(keeping) } satisfies OneFrame));
  await resolver.close();
}

function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

void main();
