import assert from "node:assert/strict";
import { commands, extensions } from "vscode";
import { activationTimes } from "./activationTimes";

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string; readonly category?: string }[] };
}

const id = "knetscope.knetscope";

describe("the extension", () => {
  it("activates", async () => {
    const extension = extensions.getExtension(id);
    assert.ok(extension, `${id} is not installed`);
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it("registers exactly the commands that package.json contributes", async () => {
    const manifest = extensions.getExtension(id)?.packageJSON as Manifest;
    const contributed = manifest.contributes.commands.map(({ command }) => command).sort();
    // VS Code itself adds `knetscope.<view>.focus` and the like for each view; those have two dots.
    const registered = (await commands.getCommands(true)).filter((name) => contributed.includes(name) || /^knetscope\.[^.]+$/.test(name));
    assert.ok(contributed.length > 0);
    assert.deepEqual([...new Set(registered)].sort(), contributed);
  });

  it("activates in a time that VS Code measured", async () => {
    const times = await activationTimes(id);
    console.log(`      load ${times.loadCode} ms, activate ${times.callActivate} + ${times.finishActivate} ms, by ${times.event}`);
    for (const part of [times.loadCode, times.callActivate, times.finishActivate]) assert.ok(Number.isFinite(part), JSON.stringify(times));
  });
});
