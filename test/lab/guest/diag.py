"""All the ways in which tcp_diag can be missing, with a listener (backlog 5) to look at. Each is undone, but modules_disabled: that takes a reboot."""
import glob
import os
import subprocess

from lab import LOOPBACK, run, write_file
from sockdump import tcp_dump

USERS_OF_INET_DIAG = ("tcp_diag", "udp_diag", "raw_diag", "mptcp_diag", "sctp_diag", "dccp_diag", "inet_diag")
CONFIG = "/etc/modprobe.d/knetscope-lab.conf"


def unload():
    """Unloads inet_diag and all that needs it, as far as loaded."""
    loaded = {line.split()[0] for line in open("/proc/modules")}
    for module in USERS_OF_INET_DIAG:
        if module in loaded:
            run("rmmod", module)


def observe(lab):
    """The kernel's answer to a TCP dump, and what `ss -lnt` makes of it."""
    lab.listener(backlog=5)
    unload()
    _, answer = tcp_dump()
    line = run("ss", "-H", "-lnt", "sport", "=", ":%d" % lab.port).split()
    return {"listener": (LOOPBACK, lab.port), "observed": {"answer": answer, "ssSendQ": int(line[2])}}


def configured(lab, text):
    os.makedirs(os.path.dirname(CONFIG), exist_ok=True)
    write_file(CONFIG, text)
    lab.callback(os.unlink, CONFIG)
    return observe(lab)


def tcp_diag_blocked(lab):
    return configured(lab, "install tcp_diag /bin/false\n")


def tcp_diag_blacklisted(lab):
    return configured(lab, "blacklist tcp_diag\n")


def inet_diag_blocked(lab):
    return configured(lab, "install tcp_diag /bin/false\ninstall inet_diag /bin/false\n")


def keep_index(lab, folder):
    """The module index comes back as a copy: depmod takes long under emulation."""
    saved = "/run/knetscope-lab-index"
    index = [os.path.basename(path) for path in glob.glob(folder + "/modules.*")]
    os.mkdir(saved)
    lab.callback(os.rmdir, saved)
    for name in index:
        run("cp", "-a", "%s/%s" % (folder, name), saved)
        lab.callback(run, "mv", "%s/%s" % (saved, name), folder)


def hide(lab, *modules):
    """Takes module files away until the end, and out of the index, as on a kernel that was packaged without them."""
    folder = "/lib/modules/" + os.uname().release
    keep_index(lab, folder)
    for module in modules:
        for path in glob.glob("%s/kernel/net/ipv4/%s.ko*" % (folder, module)):
            hidden = "/run/" + os.path.basename(path)
            run("mv", path, hidden)
            lab.callback(run, "mv", hidden, path)
    run("depmod")
    return observe(lab)


def tcp_diag_absent(lab):
    return hide(lab, "tcp_diag")


def inet_diag_absent(lab):
    return hide(lab, "tcp_diag", "inet_diag")


def modprobe_path_broken(lab):
    lab.set("kernel.modprobe", "/nonexistent")
    return observe(lab)


def modules_disabled(lab):
    """One way until the next boot. Modules that the other tools need are loaded before."""
    subprocess.run(["modprobe", "-a", "ip_tables", "nf_tables", "nft_compat"], check=False)
    unload()
    write_file("/proc/sys/kernel/modules_disabled", "1")
    lab.listener(backlog=5)
    _, answer = tcp_dump()
    line = run("ss", "-H", "-lnt", "sport", "=", ":%d" % lab.port).split()
    return {"listener": (LOOPBACK, lab.port), "observed": {"answer": answer, "ssSendQ": int(line[2])}}


def tcp_diag_autoload(lab):
    """The healthy case, for comparison: nothing loaded, and the first dump loads it."""
    return observe(lab)


SCENARIOS = (
    tcp_diag_autoload, tcp_diag_blocked, tcp_diag_blacklisted, tcp_diag_absent, inet_diag_blocked, inet_diag_absent, modprobe_path_broken, modules_disabled,
)
