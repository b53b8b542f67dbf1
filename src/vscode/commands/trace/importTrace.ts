import { basename } from "node:path";
import { type Uri, window, workspace } from "vscode";
import { DomainError } from "../../../base/errors";
import { isTraceJson, parseTrace } from "../../../session/savedTrace";
import { readStacks } from "../../../stacks/exchange/readStacks";
import { weighStack } from "../../../stacks/model/weightedStack";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";
import { importedTrace } from "../../traces/importedTrace";
import { revealRow } from "../../views/revealRow";
import { flameData } from "../../webviewHost/flameData";
import { openPlace } from "../source/openSourceAt";

/** Reads a saved trace into the Traces view; stacks of any other file (perf script, folded, speedscope, logs) become a flame graph. */
export async function importTrace(services: Services, argument?: unknown): Promise<void> {
  const file = await chooseFile(argument);
  if (!file) return;
  const text = new TextDecoder().decode(await workspace.fs.readFile(file));
  const value = /^\s*\{/.test(text) ? parseJson(text) : undefined;
  if (isTraceJson(value)) {
    const saved = parseTrace(value);
    const { id } = services.traces.add(saved.host, saved.facts, importedTrace(saved));
    await revealRow(services, "traces", id);
    return;
  }
  const stacks = readStacks(text).stacks.map(weighStack);
  if (stacks.length === 0) throw new DomainError("stacks/none", "this file holds no kernel stack", file.fsPath);
  const title = basename(file.path);
  services.flameGraphs.open({
    title,
    stacks: () => stacks,
    data: (byLine) => flameData({ title, counted: "stacks", stacks }, byLine),
    open: async (place) => {
      const chosen = await chooseHost(services, undefined, "Open Source of the build that runs on");
      if (chosen) await openPlace(services, chosen.name, place);
    },
  });
}

async function chooseFile(argument: unknown): Promise<Uri | undefined> {
  if (isUri(argument)) return argument;
  const [file] = (await window.showOpenDialog({ title: "Import Trace", openLabel: "Import", canSelectMany: false })) ?? [];
  return file;
}

const isUri = (value: unknown): value is Uri => typeof value === "object" && value !== null && "fsPath" in value && "scheme" in value;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
