import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const text = /** @type {const} */ ({ type: "string" });
const texts = /** @type {const} */ ({ type: "string", multiple: true });
const flag = /** @type {const} */ ({ type: "boolean" });

/** The options of `code` that mean something here; all others (Electron's) are passed over. */
const options = {
  extensionDevelopmentPath: texts,
  extensionTestsPath: text,
  "user-data-dir": text,
  "extensions-dir": text,
  "disable-extensions": flag,
  "disable-workspace-trust": flag,
  "folder-uri": text,
  "inspect-extensions": text,
  "install-extension": texts,
  "uninstall-extension": texts,
  "list-extensions": flag,
  version: flag,
  force: flag,
};
const cliOptions = ["install-extension", "uninstall-extension", "list-extensions", "version", "force"];

/** @param {string} value a path or a file: address */
function toPath(value) {
  return value.startsWith("file:") ? fileURLToPath(value) : resolve(value);
}

/**
 * @param {string[]} argv
 * @returns {{ developmentPaths: string[], testsPath?: string, userDataDir?: string, extensionsDir?: string, noInstalledExtensions: boolean,
 *   workspaceTrust: boolean, folder?: string, workspace?: string, file?: string, inspect?: string, cli: string[] }}
 */
export function parseLauncherArguments(argv) {
  const { values, positionals } = parseArgs({ args: argv, options, strict: false, allowPositionals: true });
  /** @param {keyof typeof options} name @returns {string | undefined} */
  const path = (name) => (typeof values[name] === "string" ? toPath(values[name]) : undefined);
  const opened = [path("folder-uri"), ...positionals.map(toPath)].filter((place) => place !== undefined);
  const isFile = (/** @type {string} */ place) => existsSync(place) && statSync(place).isFile();
  return {
    developmentPaths: [values.extensionDevelopmentPath ?? []].flat().map((value) => toPath(String(value))),
    testsPath: path("extensionTestsPath"),
    userDataDir: path("user-data-dir"),
    extensionsDir: path("extensions-dir"),
    noInstalledExtensions: values["disable-extensions"] === true,
    workspaceTrust: values["disable-workspace-trust"] !== true,
    folder: opened.find((place) => !isFile(place)),
    workspace: opened.find((place) => place.endsWith(".code-workspace")),
    file: opened.find((place) => isFile(place) && !place.endsWith(".code-workspace")),
    inspect: typeof values["inspect-extensions"] === "string" ? values["inspect-extensions"] : undefined,
    cli: cliOptions.flatMap((name) => [values[/** @type {keyof typeof options} */ (name)] ?? []].flat().flatMap((value) => (typeof value === "string" ? [`--${name}`, value] : [`--${name}`]))),
  };
}
