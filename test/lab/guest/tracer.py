"""Who sent the resets, by a tracefs instance of its own: kprobe events with stacks, for checking scenarios without bpftrace."""
import os
import re
import subprocess

from lab import read_file, write_file

ROOT = "/sys/kernel/tracing"
SENDERS = ("tcp_v4_send_reset", "tcp_v6_send_reset", "tcp_send_active_reset", "nf_send_reset")
EVENT = re.compile(r"^\s*(?P<comm>.+)-(?P<pid>\d+)\s+\[\d+\].*?: (?P<name>\w+): (?P<text>.*)$")


def define(commands):
    """Appends to kprobe_events, which cannot seek and where a plain write would remove the probes of others."""
    file = os.open(ROOT + "/kprobe_events", os.O_WRONLY | os.O_APPEND)
    try:
        for command in commands:
            os.write(file, command.encode())
    finally:
        os.close(file)


class Tracer:
    def __init__(self, drops=False):
        self.group = "knetlab%d%s" % (os.getpid(), "drops" if drops else "")
        self.instance = "%s/instances/%s" % (ROOT, self.group)
        self.drops = drops

    def __enter__(self):
        subprocess.run(["modprobe", "nf_reject_ipv4"], check=True)
        os.mkdir(self.instance)
        for option in ("stacktrace", "sym-offset"):
            write_file("%s/options/%s" % (self.instance, option), "1")
        if self.drops:
            write_file(self.instance + "/events/skb/kfree_skb/enable", "1")
            return self
        define(["p:%s/%s %s\n" % (self.group, sender, sender) for sender in SENDERS])
        write_file("%s/events/%s/enable" % (self.instance, self.group), "1")
        return self

    def __exit__(self, *_):
        if self.drops:
            write_file(self.instance + "/events/skb/kfree_skb/enable", "0")
        else:
            write_file("%s/events/%s/enable" % (self.instance, self.group), "0")
            define(["-:%s/%s\n" % (self.group, sender) for sender in SENDERS])
        os.rmdir(self.instance)

    def forget(self):
        """Earlier events are told no more."""
        write_file(self.instance + "/trace", "")

    def events(self):
        """Events so far, oldest first: name, text, process, pid, stack (`symbol+0xoff/0xsize`, innermost first)."""
        events = []
        for line in read_file(self.instance + "/trace").splitlines():
            if line.startswith(" => "):
                events[-1]["stack"].append(line[4:])
            elif (found := EVENT.match(line)) and found["text"] != "<stack trace>":
                events.append({"name": found["name"], "text": found["text"], "process": found["comm"].strip(), "pid": int(found["pid"]), "stack": []})
        return events
