/** Pumps that stay: real ones on this machine. What they find is in localSockets.test.ts; here is how they live and end. */
import assert from "node:assert/strict";
import { runPass } from "../../src/collectors/residentPumps";
import { takeCounters } from "../../src/collectors/takeCounters";
import type { HostFacts } from "../../src/probes/hostFacts";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { runProbe } from "../../src/probes/probe";
import { pumpPerl } from "../../src/probes/pumpPerl";
import { pumpPython } from "../../src/probes/pumpPython";
import { passBytes } from "../../src/probes/pumpRequest";
import { connectSsh } from "../../src/ssh/connectSsh";
import { localTarget, type LocalOptions } from "../../src/target/localTarget";
import type { AttachedProgram, Target } from "../../src/target/target";
import { eventually } from "../support/eventually";
import { killedEditor } from "../support/killedEditor";
import { markedProcesses, newMark, untilNoneIsLeft } from "../support/markedProcesses";
import { SshServer, prompts } from "../support/sshServer";

/** The same target, and what was attached to it. */
function watched(options: LocalOptions = {}): { readonly target: Target; readonly attached: AttachedProgram[] } {
  const local = localTarget(options);
  const attached: AttachedProgram[] = [];
  const attach: Target["attach"] = async (program, signal) => {
    const one = await local.attach(program, signal);
    attached.push(one);
    return one;
  };
  return { target: { ...local, attach }, attached };
}

for (const kind of ["perl", "python3"] as const) {
  describe(`the pump that stays, in ${kind}`, () => {
    let facts: HostFacts;
    let mark = "";
    const options = { pumps: [kind], privilege: "user" } as const;
    const pump = () => (kind === "perl" ? pumpPerl(facts, facts.programs["perl"]) : pumpPython(facts.programs["python3"]));
    before(async () => (facts = await runProbe(localTarget(), hostFactsProbe)));
    beforeEach(() => {
      mark = newMark();
      process.env[mark] = "1";
    });
    afterEach(async () => {
      Reflect.deleteProperty(process.env, mark);
      await untilNoneIsLeft(mark, 5_000);
    });

    it("answers one look after the other, and is no more when its target is", async () => {
      const { target, attached } = watched();
      for (let look = 0; look < 3; look++) assert.ok((await takeCounters(target, facts, options)).namespaces.length > 0);
      assert.equal(attached.length, 1);
      assert.equal((await markedProcesses(mark)).length, 1);
      await target.dispose();
      assert.equal((await attached[0]!.exit).code, 0);
    });

    it("answers two looks at once with a second one", async () => {
      const { target, attached } = watched();
      await Promise.all([takeCounters(target, facts, options), takeCounters(target, facts, options)]);
      assert.equal(attached.length, 2);
      await target.dispose();
    });

    it("is started again when it was killed meanwhile", async () => {
      const { target, attached } = watched();
      await takeCounters(target, facts, options);
      for (const line of await markedProcesses(mark)) process.kill(Number(line.split(" ")[0]), "SIGKILL");
      assert.ok((await takeCounters(target, facts, options)).namespaces.length > 0);
      assert.equal(attached.length, 2);
      await target.dispose();
    });

    it("ends with a look that is not wanted any more", async () => {
      const { target, attached } = watched();
      const cancel = new AbortController();
      const request = { requests: [], files: ["/proc/net/netstat"], procFiles: [], owners: false, allNamespaces: true, ssArguments: [] };
      const look = runPass(target, facts, pump(), passBytes(request, facts.endianness), { privilege: "user", timeoutMs: 60_000, signal: cancel.signal }, () => cancel.abort(new Error("enough")));
      await assert.rejects(look, /enough/);
      await attached[0]!.exit;
    });

    it("ends when nobody renews its lease, at rest and while it writes", async () => {
      const { target, attached } = watched({ lease: { seconds: 1, renewMs: 60_000 } });
      await takeCounters(target, facts, options);
      assert.deepEqual(await attached[0]!.exit, { signal: "SIGALRM" });
      const writing = await target.attach(pump());
      const request = { requests: [], files: Array<string>(20_000).fill("/proc/net/netstat"), procFiles: [], owners: false, allNamespaces: false, ssArguments: [] };
      // Whoever never comes back from its listener does not read: the other end can neither write nor hear of us.
      writing.listen(() => {
        writing.listen(undefined);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
      });
      writing.write(passBytes(request, facts.endianness));
      assert.deepEqual(await writing.exit, { signal: "SIGALRM" });
      await target.dispose();
    });

    it("leaves nothing behind when we are killed", async () => {
      await killedEditor(
        `const { localTarget } = await load("target/localTarget.ts");
         const { takeCounters } = await load("collectors/takeCounters.ts");
         process.env[mark] = "1";
         const target = localTarget();
         await takeCounters(target, ${JSON.stringify(facts)}, ${JSON.stringify(options)});
         console.log("started");
         setInterval(() => undefined, 1000);`,
        mark,
      );
      await untilNoneIsLeft(mark, 5_000);
    });
  });
}

describe("a pump that stays behind SSH", function () {
  this.timeout(60_000);
  let server: SshServer;
  before(async () => (server = await SshServer.start({ config: "MaxSessions 1" })));
  after(() => server.stop());

  it("gives its channel back to whoever needs one", async () => {
    const target = await connectSsh("server", { prompts: prompts(), configFile: server.configFile() });
    const facts = await runProbe(target, hostFactsProbe);
    for (let look = 0; look < 2; look++) {
      assert.ok((await takeCounters(target, facts, { privilege: "user" })).namespaces.length > 0);
      assert.equal((await target.run({ argv: ["echo", "there"] })).code, 0);
    }
    await target.dispose();
  });

  it("ends with its connection", async () => {
    const mark = newMark();
    const target = await connectSsh("server", { prompts: prompts(), configFile: server.configFile() });
    const [first, ...rest] = pumpPerl({ machine: "x86_64" }).argv;
    const program = await target.attach({ argv: [first, ...rest, mark] });
    await eventually(async () => assert.notDeepEqual(await markedProcesses(mark), []));
    await server.killConnections();
    await assert.rejects(program.exit, { code: "target/link-lost" });
    await untilNoneIsLeft(mark, 5_000);
    await target.dispose();
  });
});
