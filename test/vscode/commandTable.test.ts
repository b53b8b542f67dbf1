import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { commandTitles } from "../../src/vscode/commands/commandTitles";

interface Manifest {
  readonly main: string;
  readonly icon: string;
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string }[]>>;
    readonly keybindings: readonly { readonly command: string }[];
    readonly views: { readonly knetscope: readonly { readonly id: string }[] };
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope: string; readonly markdownDescription: string }>> };
    readonly walkthroughs: readonly { readonly steps: readonly { readonly description: string; readonly media: { readonly markdown: string } }[] }[];
    readonly grammars: readonly { readonly path: string }[];
  };
}

const root = resolve(import.meta.dirname, "../..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
const { contributes } = manifest;
const ids = new Set(Object.keys(commandTitles));

describe("command table and package.json", () => {
  it("hold the same commands with the same titles", () => {
    assert.deepEqual(Object.fromEntries(contributes.commands.map(({ command, title }) => [command, title])), commandTitles);
    assert.ok(contributes.commands.every(({ category }) => category === "KNetScope"));
  });
  it("have one file for each command, named as its verb and noun", () => {
    const files = readdirSync(join(root, "src/vscode/commands"), { recursive: true, encoding: "utf8" }).filter((file) => file.includes("/"));
    assert.deepEqual(files.map((file) => `knetscope.${file.split("/").at(-1)?.replace(".ts", "")}`).sort(), [...ids].sort());
  });
  it("use only these commands in menus, keys, welcome views and the walkthrough", () => {
    const inMenus = Object.values(contributes.menus).flat().map(({ command }) => command);
    const texts = [...contributes.viewsWelcome.map(({ contents }) => contents), ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ description }) => description))];
    const inTexts = texts.flatMap((text) => [...text.matchAll(/\(command:([\w.]+)\)/g)].map((match) => match[1] ?? ""));
    const used = [...inMenus, ...contributes.keybindings.map(({ command }) => command), ...inTexts];
    assert.deepEqual(used.filter((command) => !ids.has(command)), []);
  });
});

describe("package.json", () => {
  it("says of each view what to do next", () => {
    const views = contributes.views.knetscope.map(({ id }) => id);
    assert.deepEqual(views, ["knetscope.hosts", "knetscope.listeners", "knetscope.traces", "knetscope.findings"]);
    assert.deepEqual(views.filter((view) => !contributes.viewsWelcome.some((welcome) => welcome.view === view)), []);
  });
  it("withholds from untrusted workspaces every setting that names hosts, programs or paths", () => {
    const settings = Object.entries(contributes.configuration.properties);
    const restricted = new Set(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations);
    assert.deepEqual(settings.filter(([name, { scope }]) => scope === "machine" && !restricted.has(name)), []);
    assert.ok(restricted.has("knetscope.hosts"));
    assert.deepEqual([...restricted].filter((name) => !(name in contributes.configuration.properties)), []);
    assert.ok(settings.every(([, { markdownDescription }]) => markdownDescription.length > 20));
  });
  it("names only files that exist", () => {
    const files = [manifest.icon, ...contributes.grammars.map(({ path }) => path), ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown))];
    assert.deepEqual(files.filter((file) => !existsSync(join(root, file))), []);
  });
});
