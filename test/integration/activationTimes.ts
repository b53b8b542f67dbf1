import { commands, window } from "vscode";
import { eventually } from "../support/eventually";

/** Milliseconds, as VS Code itself measured them. */
export interface ActivationTimes {
  readonly loadCode: number;
  readonly callActivate: number;
  readonly finishActivate: number;
  readonly event: string;
}

/** The extension's row in the report of "Developer: Startup Performance": | id | eager | load | call | finish | event | by |. */
export async function activationTimes(id: string): Promise<ActivationTimes> {
  await commands.executeCommand("perfview.show");
  const cells = await eventually(() => {
    const report = window.visibleTextEditors.find((editor) => editor.document.uri.scheme === "perf")?.document.getText() ?? "";
    const row = report.split("\n").map((line) => line.split("|").map((cell) => cell.trim())).find((row) => row[1] === id);
    if (!row) throw new Error(`${id} is not in Startup Performance`);
    return row;
  });
  await commands.executeCommand("workbench.action.closeActiveEditor");
  return { loadCode: Number(cells[3]), callActivate: Number(cells[4]), finishActivate: Number(cells[5]), event: cells[6] ?? "" };
}
