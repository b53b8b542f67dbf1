/**
 * The command that draws call graphs. Its mark on the target is an instance under tracefs/instances: it says to other clients that we are here, it is where the
 * tracer runs if this kernel lets it, and only while it is there has the undo anything to give back.
 */
import { graphInstancePrefix } from "../../../probes/graphFacts";
import { shellScript, type Command } from "../../../target/command";
import type { GraphSettings } from "./graphSettings";

export const readyLine = "knetscope ready";

/** A file of the kernel, or of the instance where there is one. */
const functions = `place() { [ "$1" = own ] && file=$own/$2 || file=$2; }
put() { place "$1" "$2" && echo "$3" >"$file"; }
fill() {
  place "$1" "$2"
  shift 2
  echo >"$file"
  for value in "$@"; do echo "$value" >>"$file" || { echo "\${file##*/} does not take $value" >&2; return 1; }; done
}`;

/** Says in the mark that settings are ours from now on; nothing else uses this filter there, since no event is enabled. */
const begun = "set_event_pid";

/**
 * Arguments: TRACEFS NAME WHERE TRACER APPLY; WHERE is `instance` or `global`, TRACER what current_tracer held. Writing the tracer takes seconds on a slow machine,
 * since every function of the kernel is patched. At the end the buffer is emptied before the reader goes.
 */
const startScript = `${functions}
tracefs=$1 name=$2 where=$3 tracer=$4 apply=$5
cd "$tracefs" || exit 1
own=instances/$name
mkdir "$own" || exit 1
for other in instances/${graphInstancePrefix}*; do
  [ "$other" = "$own" ] || { echo "another call graph is being drawn there (\${other#instances/}); its filters are the same for all" >&2; exit 1; }
done
[ "$where" = instance ] || [ "$(cat current_tracer)" = "$tracer" ] || { echo "somebody set current_tracer in between" >&2; exit 1; }
echo 1 >"$own/${begun}"
[ "$where" = instance ] || own=.
reader=
finish() {
  trap '' TERM
  echo 0 >$own/tracing_on
  sleep 0.5
  kill -KILL $reader 2>/dev/null
  exit 0
}
trap finish TERM
echo nop >$own/current_tracer
eval "$apply" || exit 1
[ "$where" = global ] || echo 4096 >$own/buffer_size_kb
echo function_graph >$own/current_tracer || exit 1
echo 1 >$own/tracing_on
echo "${readyLine}"
(trap '' TERM; exec cat $own/trace_pipe) &
reader=$!
wait $reader`;

/** Arguments: TRACEFS NAME WHERE RESTORE. Without the mark, or with one that was not begun, there is nothing to give back. */
const undoScript = `${functions}
tracefs=$1 name=$2 where=$3 restore=$4
cd "$tracefs" || exit 1
mark=instances/$name
[ -d "$mark" ] || exit 0
own=$mark
[ "$where" = instance ] || own=.
[ -z "$(cat "$mark/${begun}")" ] || { echo nop >$own/current_tracer; eval "$restore"; }
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do rmdir "$mark" && break; sleep 0.5; done`;

/** It weighs on every function of the kernel, and taking it back patches them all once more: so it ends sooner than others when nobody is there any more. */
const leaseSeconds = 5;

export function graphCommand(tracefs: string, token: string, inInstance: boolean, tracer: string, { apply, restore }: GraphSettings): Command {
  const place = [tracefs, `${graphInstancePrefix}${token}`, inInstance ? "instance" : "global"];
  return {
    argv: shellScript(startScript, [...place, tracer, apply]),
    privilege: "root",
    leaseSeconds,
    undo: [shellScript(undoScript, [...place, restore])],
  };
}
