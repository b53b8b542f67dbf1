"""run.py NAME PORT [--trace] [--hold SECONDS] | --each NAME:PORT… [--trace] | --list

Runs one scenario, or several, and prints one JSON line for each with what happened.
With --hold the state stays until stdin ends or the time is over. Every setting is put back in any case: an end of the
connection, SIGTERM and the time limit all unwind the same stack."""
import contextlib
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


def run_one(name, port, tracer, seconds):
    signal.alarm(LIMIT + int(seconds))
    with Lab(port) as lab:
        report(name, lab, scenarios()[name](lab), tracer)
        if seconds:
            hold(seconds)


def run_each(given, tracer):
    """Several one after the other; one that fails says so in its line and does not stop the rest."""
    for name, port in (item.split(":") for item in given):
        try:
            if tracer:
                tracer.forget()
            run_one(name, int(port), tracer, 0)
        except Exception as error:
            print(json.dumps({"scenario": name, "error": "%s: %s" % (type(error).__name__, error)}), flush=True)


def main(argv):
    if argv == ["--list"]:
        print(json.dumps(sorted(scenarios())))
        return
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, end)
    with Tracer() if "--trace" in argv else contextlib.nullcontext() as tracer:
        if argv[0] == "--each":
            run_each([item for item in argv[1:] if ":" in item], tracer)
        else:
            run_one(argv[0], int(argv[1]), tracer, float(argv[argv.index("--hold") + 1]) if "--hold" in argv else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
