import { strict as assert } from "node:assert";
import { checkScenario } from "./checkScenario";
import { downLab } from "./downLab";
import { inGuest } from "./guestControl";
import { fullKernels } from "./labKernel";
import { requireState } from "./labState";
import { ownTarget } from "./ownTarget";
import { findScenario, guestScenarios, holdScenario, runScenario } from "./runScenario";
import { scenarios, stateScenarios, type StateScenario } from "./scenarioCatalog";
import { upLab } from "./upLab";

/** Everything a scenario may change. Counters and sizes that change by themselves are left out. */
const settings = [
  "iptables-save | grep -v '^#' | grep ^-", "ip netns", "ip -br link | cut -d' ' -f1", "ls /etc/modprobe.d", "ls /sys/kernel/tracing/instances",
  "cat /sys/kernel/tracing/kprobe_events", "cat /proc/sys/kernel/modprobe", "find /lib/modules -name '*_diag.ko*' | sort",
  "sysctl -a -r '^net.(ipv4.tcp|core.somaxconn|netfilter.nf_conntrack_log_invalid)' 2>/dev/null | grep -v fastopen_key",
].map((command) => `${command}; true`).join("; ");

for (const kernel of fullKernels) {
  const target = ownTarget(`test-${kernel}`);

  describe(`the scenarios on kernel ${kernel}`, function () {
    this.timeout(600_000);
    let initial: string;

    before(async () => {
      await upLab(kernel, { name: target });
      // The module brings its sysctls; loading it is no change that anyone must undo.
      await inGuest(requireState(target), "modprobe nf_conntrack");
      initial = await inGuest(requireState(target), settings);
    });
    after(() => downLab(target));

    it("are those of the catalog; those that reset a connection run where resets are traced (traces.test.ts)", async () => {
      assert.deepEqual(await guestScenarios(target), scenarios.map((scenario) => scenario.name).sort());
    });

    const state = (scenario: StateScenario): void => {
      it(`${scenario.name}: ${scenario.title}`, async () => {
        assert.deepEqual(checkScenario(scenario, await runScenario(scenario.name, target)), []);
      });
    };

    describe("that put it into a state", () => {
      stateScenarios.filter((scenario) => scenario.needsReboot !== true).forEach(state);
    });

    describe("once over", () => {
      it("keep their state while held, and put it back", async () => {
        const guest = requireState(target);
        const held = await holdScenario("accept-queue-overflow", target);
        const queue = `ss -H -lnt 'sport = :${findScenario("accept-queue-overflow").port}'`;
        assert.match(await inGuest(guest, queue), /LISTEN +3 +2 /);
        await held.end();
        assert.equal(await inGuest(guest, queue), "");
      });

      it("leave the target as they found it", async () => {
        await inGuest(requireState(target), "modprobe nf_conntrack");
        assert.equal(await inGuest(requireState(target), settings), initial);
      });
    });

    describe("that only a reboot undoes", () => {
      stateScenarios.filter((scenario) => scenario.needsReboot === true).forEach(state);
    });
  });
}
