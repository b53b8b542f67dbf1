import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Settings without which the workbench shows chat, tips, welcome pages and online services over what is tested. */
export const quietSettings = {
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.welcomePage.experimentalOnboarding": false,
  "workbench.enableExperiments": false,
  "workbench.tips.enabled": false,
  "workbench.editor.useModal": "off",
  "window.commandCenter": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "git.openRepositoryInParentFolders": "never",
  "git.autofetch": false,
};

/** Further ones for tests only: a browser's defaults set back to a desktop's, text where a canvas would be, nothing that moves. */
export const testSettings = {
  ...quietSettings,
  "files.autoSave": "off",
  "terminal.integrated.gpuAcceleration": "off",
  "editor.minimap.enabled": false,
  "workbench.reduceMotion": "on",
};

/** @param {string} userDataDir @param {Record<string, unknown>} settings @returns {string} the file */
export function writeUserSettings(userDataDir, settings) {
  const file = join(userDataDir, "User/settings.json");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(settings, null, 2));
  return file;
}
