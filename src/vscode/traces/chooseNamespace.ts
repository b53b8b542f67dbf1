import { window } from "vscode";
import type { Host } from "../../session/host";
import { withProgress } from "../async/withProgress";

/** A network namespace of the host by its inode; `own` is where the host itself is. undefined when the user gave up. Not asked where there is but one. */
export async function chooseNamespace(host: Host, title: string): Promise<"own" | number | undefined> {
  const { namespaces } = await withProgress(`${title} on ${host.name}`, (signal) => host.listeners(signal));
  const others = namespaces.filter(({ netns }) => !netns.isInit);
  if (others.length === 0) return "own";
  const items = [
    { label: "The host's own network namespace", netns: "own" as const },
    ...others.map(({ netns, interfaces }) => ({ label: netns.name, description: `net:[${netns.inode}]`, detail: interfaces.join(", "), netns: netns.inode })),
  ];
  return (await window.showQuickPick(items, { title, placeHolder: "In which network namespace", matchOnDescription: true, matchOnDetail: true }))?.netns;
}
