import { type QuickInputButton, ThemeIcon, window } from "vscode";

export interface SecretAnswer {
  readonly value: string;
  readonly remember: boolean;
}

export interface SecretQuestion {
  readonly title: string;
  readonly prompt: string;
  /** Hidden as it is typed, unless false. */
  readonly hidden?: boolean;
  /** Offers to keep the answer in the editor's secret storage. */
  readonly mayRemember?: boolean;
  /** Says why it is asked again. */
  readonly problem?: string;
}

/** An input box for a secret. It stays open when the window loses focus: people fetch passwords from other programs. */
export function askSecret(question: SecretQuestion): Promise<SecretAnswer | undefined> {
  const box = window.createInputBox();
  let remember = false;
  let answer: SecretAnswer | undefined;
  box.title = question.title;
  box.prompt = question.prompt;
  box.password = question.hidden ?? true;
  box.ignoreFocusOut = true;
  if (question.problem !== undefined) box.validationMessage = question.problem;
  if (question.mayRemember) box.buttons = [rememberButton(remember)];
  return new Promise((resolve) => {
    box.onDidTriggerButton(() => {
      remember = !remember;
      box.buttons = [rememberButton(remember)];
      box.prompt = remember ? `${question.prompt} It will be kept in the editor's secret storage.` : question.prompt;
    });
    box.onDidAccept(() => {
      answer = { value: box.value, remember };
      box.hide();
    });
    box.onDidHide(() => {
      resolve(answer);
      box.dispose();
    });
    box.show();
  });
}

function rememberButton(on: boolean): QuickInputButton {
  return on
    ? { iconPath: new ThemeIcon("pass-filled"), tooltip: "Will be kept in the editor's secret storage. Press to only use it once." }
    : { iconPath: new ThemeIcon("save"), tooltip: "Keep it in the editor's secret storage" };
}
