import { Range, Uri, window, workspace, WorkspaceEdit } from "vscode";
import { DomainError } from "../../base/errors";
import { addLaunchConfiguration } from "../../session/debugKernel/addLaunchConfiguration";
import type { LaunchConfiguration } from "../../session/debugKernel/launchConfiguration";

/**
 * Adds an entry to .vscode/launch.json of the workspace folder and shows the file. It goes through the editor, so that unsaved changes
 * of the file are kept and it can be undone.
 * @returns false when the user chose no folder
 */
export async function writeLaunchFile(configuration: LaunchConfiguration): Promise<boolean> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length === 0) throw new DomainError("debug/no-folder", "launch.json belongs to a folder, and none is open");
  const folder = folders.length === 1 ? folders[0] : await window.showWorkspaceFolderPick({ placeHolder: "Folder whose launch.json gets the entry" });
  if (!folder) return false;
  const file = Uri.joinPath(folder.uri, ".vscode", "launch.json");
  if (!(await exists(file))) await workspace.fs.writeFile(file, Buffer.from(addLaunchConfiguration(undefined, configuration, file.fsPath)));
  const document = await workspace.openTextDocument(file);
  const text = document.getText();
  const edit = new WorkspaceEdit();
  edit.replace(file, new Range(document.positionAt(0), document.positionAt(text.length)), addLaunchConfiguration(text, configuration, file.fsPath));
  await workspace.applyEdit(edit);
  await document.save();
  const editor = await window.showTextDocument(document);
  const place = document.positionAt(Math.max(0, document.getText().indexOf(JSON.stringify(configuration.name))));
  editor.revealRange(new Range(place, place));
  return true;
}

async function exists(file: Uri): Promise<boolean> {
  try {
    await workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}
