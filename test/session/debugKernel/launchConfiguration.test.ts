import assert from "node:assert/strict";
import { launchConfiguration } from "../../../src/session/debugKernel/launchConfiguration";

const plan = {
  name: "Kernel of web1", release: "6.1", vmlinux: "/debug/vmlinux", address: "127.0.0.1:1234", function: "tcp_v4_rcv", architecture: "i386:x86-64",
  sourceFolder: "/src", buildFolder: "debian/build/b",
};
const setup = ["set pagination off", "set architecture i386:x86-64", "directory /src", "set substitute-path debian/build/b /src"];

describe("launchConfiguration", () => {
  it("for C/C++: sets up before the connection and breaks behind it, by hardware only", () => {
    assert.deepEqual(launchConfiguration(plan, "cppdbg"), {
      name: "Kernel of web1", type: "cppdbg", request: "launch", MIMode: "gdb", miDebuggerServerAddress: "127.0.0.1:1234", program: "/debug/vmlinux", cwd: "/src",
      externalConsole: false, setupCommands: setup.map((text) => ({ text })), postRemoteConnectCommands: [{ text: "hbreak tcp_v4_rcv" }],
      hardwareBreakpoints: { require: true }, sourceFileMap: { "debian/build/b": "/src" },
    });
  });

  it("for Native Debug: attaches and runs all commands behind the connection", () => {
    assert.deepEqual(launchConfiguration(plan, "gdb"), {
      name: "Kernel of web1", type: "gdb", request: "attach", remote: true, target: "127.0.0.1:1234", executable: "/debug/vmlinux", cwd: "/src",
      valuesFormatting: "parseText", autorun: [...setup, "hbreak tcp_v4_rcv"],
    });
  });

  it("without source: the folder of the workspace, and no map", () => {
    const { sourceFolder, ...bare } = plan;
    assert.equal(sourceFolder, "/src");
    const written = launchConfiguration(bare, "cppdbg");
    assert.deepEqual([written["cwd"], written["sourceFileMap"]], ["${workspaceFolder}", undefined]);
  });
});
