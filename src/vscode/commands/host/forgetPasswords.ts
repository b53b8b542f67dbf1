import { window } from "vscode";
import type { Services } from "../../services";

/** Removes chosen passwords from the editor's secret storage. */
export async function forgetPasswords(services: Services): Promise<void> {
  const names = services.passwords.names();
  if (names.length === 0) {
    void window.showInformationMessage("No password is saved.");
    return;
  }
  const chosen = await window.showQuickPick([...names], { title: "Forget Saved Passwords", canPickMany: true, placeHolder: "Passwords to forget" });
  for (const name of chosen ?? []) await services.passwords.forget(name);
}
