"""run.py NAME PORT [--trace] [--hold SECONDS] | --list: runs one scenario and prints one JSON line with what happened.

With --hold the state stays until stdin ends or the time is over. Every setting is put back in any case: an end of the
connection, SIGTERM and the time limit all unwind the same stack."""
import json
import os
import select
import signal
import sys

import diag
import drops
import namespaces
import queues
import resets
import segments
from lab import Lab
from tracer import Tracer
from wire import shown

MODULES = (resets, segments, queues, diag, namespaces, drops)
LIMIT = 90


def scenarios():
    return {function.__name__.replace("_", "-"): function for module in MODULES for function in module.SCENARIOS}


def endpoint(pair):
    return {"address": pair[0], "port": pair[1]}


def report(name, lab, truth, tracer):
    result = {"scenario": name, "release": os.uname().release, **truth}
    for side in ("local", "remote"):
        if side in truth:
            result[side] = endpoint(truth[side])
    if "local" in truth:
        result["resets"] = [shown(segment) for segment in lab.wire.resets()]
    if tracer:
        result["traced"] = tracer.events()
    print(json.dumps(result), flush=True)


def end(*_):
    sys.exit("ended by a signal or its time limit")


def hold(seconds):
    """Until the other end is gone (end of stdin) or the time is over. A closing connection must be noticed, so nothing blocks elsewhere."""
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    if ready:
        sys.stdin.read()


def main(argv):
    if argv == ["--list"]:
        print(json.dumps(sorted(scenarios())))
        return
    name, port = argv[0], int(argv[1])
    seconds = float(argv[argv.index("--hold") + 1]) if "--hold" in argv else 0
    scenario = scenarios()[name]
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, end)
    signal.alarm(LIMIT + int(seconds))
    with Lab(port) as lab:
        tracer = lab.enter_context(Tracer()) if "--trace" in argv else None
        report(name, lab, scenario(lab), tracer)
        if seconds:
            hold(seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
