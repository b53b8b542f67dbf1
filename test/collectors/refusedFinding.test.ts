import assert from "node:assert/strict";
import { explainRefusal, refusalReason } from "../../src/collectors/refusedFinding";
import type { DumpOutcome } from "../../src/netlink/dumpReader";
import { parseDiagModule, type DiagModuleState } from "../../src/probes/diagModule";

const refused: DumpOutcome = { complete: true, interrupted: false, errno: 2, errorIn: "done" };
const healthy = "file=/lib/modules/6.1/kernel/net/ipv4/tcp_diag.ko\nmodprobe=/sbin/modprobe\nruns=1\n";
const state = (text: string): DiagModuleState => parseDiagModule("tcp_diag", text);
const reason = (text: string, errno = 2): string => refusalReason({ ...refused, errno }, state(text), { option: "CONFIG_INET_TCP_DIAG" });
const remedy = (text: string): readonly string[] | undefined => explainRefusal("tcp", refused, state(text), "6.1").remedy?.argv;

describe("why tcp_diag is not there", () => {
  it("is told apart by what the host says", () => {
    assert.equal(reason(healthy), "not-loaded");
    assert.equal(reason(`${healthy}configuration=blacklist tcp_diag\n`), "blacklisted");
    assert.equal(reason(`${healthy}configuration=blacklist tcp_diag\nconfiguration=install tcp_diag /bin/false\n`), "install-override");
    assert.equal(reason("modprobe=/sbin/modprobe\nruns=1\n"), "module-absent");
    assert.equal(reason(`${healthy}disabled=1\n`), "modules-disabled");
    assert.equal(reason(healthy.replace("runs=1\n", "")), "modprobe-path");
    assert.equal(reason(""), "not-in-kernel");
    assert.equal(reason(`${healthy}config=CONFIG_INET_TCP_DIAG n\n`), "not-in-kernel");
    assert.equal(reason(`${healthy}config=CONFIG_INET_DIAG n\n`), "not-in-kernel");
    assert.equal(reason(`${healthy}loaded=1\n`), "unknown");
    assert.equal(reason(healthy, 93), "no-sock-diag");
    assert.equal(reason(healthy, 97), "no-sock-diag");
    assert.equal(reason(healthy, 22), "unknown-family");
    assert.equal(reason(healthy, 105), "unknown");
    assert.equal(reason(healthy, 13), "no-permission");
  });

  it("is nothing to mend where the kernel has no such protocol: no socket of it can be open", () => {
    const xdp = (text: string) => explainRefusal("xdp", refused, parseDiagModule("xsk_diag", text), "6.1");
    assert.equal(xdp("families=1\nmodprobe=/sbin/modprobe\nruns=1\n").title, "There are no XDP sockets: the kernel has no such protocol now");
    assert.equal(xdp("families=1\n").remedy, undefined);
    const there = xdp("families=1\nfamily=1\nmodprobe=/sbin/modprobe\nruns=1\n");
    assert.deepEqual([there.title, there.severity], ["xsk_diag is not usable: its file is not installed", "info"]);
    assert.match(there.detail, /CONFIG_XDP_SOCKETS_DIAG.* some may be open/);
    assert.match(xdp("config=CONFIG_XDP_SOCKETS_DIAG n\n").remedy?.title ?? "", /CONFIG_XDP_SOCKETS_DIAG/);
    assert.match(explainRefusal("udplite", refused, parseDiagModule("udp_diag", "family=1\nfamilies=1\n"), "6.1").detail, /read from \/proc\/net\/udplite/);
  });

  it("has a remedy where one would help, with its exact command, and none where not", () => {
    assert.deepEqual(remedy(healthy), ["modprobe", "tcp_diag"]);
    assert.deepEqual(remedy(`${healthy}configuration=blacklist tcp_diag\n`), ["modprobe", "tcp_diag"]);
    assert.deepEqual(remedy(healthy.replace("runs=1\n", "")), ["modprobe", "tcp_diag"]);
    assert.deepEqual(remedy(`${healthy}configuration=install tcp_diag /bin/false\n`), ["modprobe", "--ignore-install", "tcp_diag"]);
    assert.deepEqual(remedy(`${healthy}configuration=install tcp_diag /bin/false\nconfiguration=install inet_diag /bin/true\n`), ["modprobe", "-a", "--ignore-install", "inet_diag", "tcp_diag"]);
    for (const text of ["modprobe=/sbin/modprobe\nruns=1\n", `${healthy}disabled=1\n`, "", `${healthy}loaded=1\n`]) assert.equal(remedy(text), undefined, text);
  });

  it("has a word for what only a person can do", () => {
    const title = (text: string, errno = 2): string | undefined => explainRefusal("tcp", { ...refused, errno }, state(text), "6.1").remedy?.title;
    assert.match(title(`${healthy}disabled=1\n`) ?? "", /Reboot the host/);
    assert.match(title("modprobe=/sbin/modprobe\nruns=1\n") ?? "", /Install the package/);
    assert.match(title("") ?? "", /CONFIG_INET_TCP_DIAG/);
    assert.match(title(healthy, 1) ?? "", /as root/);
    assert.match(title(healthy, 93) ?? "", /sandbox/);
  });

  it("is said with its evidence; the remedy asks first", () => {
    const finding = explainRefusal("tcp", refused, state(`${healthy}configuration=blacklist tcp_diag\nconfig=CONFIG_INET_TCP_DIAG m\n`), "6.1");
    assert.deepEqual([finding.id, finding.severity, finding.title], ["tcp-diag-missing", "warning", "tcp_diag is not usable: it is blacklisted"]);
    assert.deepEqual([finding.remedy?.title, finding.remedy?.command, finding.remedy?.changesHost], ["Load module tcp_diag", "modprobe tcp_diag", true]);
    assert.deepEqual(finding.evidence, [
      "The kernel answered ENOENT (no such handler) at the end of an empty list (the family is known, the protocol is not).",
      "tcp_diag is not in /proc/modules.",
      "Its file is /lib/modules/6.1/kernel/net/ipv4/tcp_diag.ko.",
      "modprobe configuration: blacklist tcp_diag.",
      "kernel.modprobe is “/sbin/modprobe”, which can be executed.",
      "Kernel configuration: CONFIG_INET_TCP_DIAG=m.",
    ]);
  });
});
