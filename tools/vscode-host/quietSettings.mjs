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

/**
 * Writes the user's settings. Those of the extension go to the machine's settings of the server, too: a window with a remote extension host,
 * as this workbench is, takes machine-scoped ones (paths, programs) from nowhere else. A desktop does not read that file.
 * @param {string} userDataDir
 * @param {Record<string, unknown>} settings
 * @returns {string} the user's file
 */
export function writeUserSettings(userDataDir, settings) {
  const ofMachine = Object.fromEntries(Object.entries(settings).filter(([key]) => key.startsWith("knetscope.") && key !== "knetscope.hosts"));
  writeJson(join(userDataDir, "Machine/settings.json"), ofMachine);
  return writeJson(join(userDataDir, "User/settings.json"), settings);
}

/** @param {string} file @param {unknown} value @returns {string} the file */
function writeJson(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value, null, 2));
  return file;
}
