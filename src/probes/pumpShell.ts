/**
 * Pumps for hosts without perl and python3, in the POSIX shell that is everywhere: one around `ss -D`, one that only prints
 * /proc/net, one around the static helper. All of them find namespaces and processes in the same way; nothing loops over
 * processes in the shell, which takes seconds (a readlink for each descriptor: minutes).
 */
import { shellScript } from "../target/command";
import type { Endianness } from "../base/byteReader";
import type { HelperBinary } from "./helperBinaries";
import type { Pump } from "./pump";
import { pumpFlags, requestBytes, type PumpRequest } from "./pumpRequest";

/** `spaces` prints `INODE PATH` of every other namespace we can see; the lowest process comes first in a shell's pattern only by chance. */
const common = String.raw`
all=$1 owners=$2 cgroups=$3; shift 3
text() { printf '@%s %s 0 ~\n' "$1" "$2"; cat; printf '\n@.\n'; }
mounts() { sed -n 's/^.* net:\[\([0-9]*\)\] \([^ ]*\) .*$/\1 \2/p' /proc/self/mountinfo; }
spaces() { { stat -L -c '%i %n' /proc/[0-9]*/ns/net 2>/dev/null; mounts; } | sort -n -u -k1,1; }
own=$(stat -L -c %i /proc/self/ns/net 2>/dev/null || echo 0)
first=$(stat -L -c %i /proc/1/ns/net 2>/dev/null || echo 0)
if [ "$first" = 0 ] && [ "$(stat -c %i /proc/1/net/dev)" = "$(stat -c %i /proc/self/net/dev)" ]; then first=$own; fi
printf '@init %s 0 0\n' "$first"
if [ "$all" = 1 ]; then mounts | text mounts 0; fi
for root in /sys/fs/cgroup/unified /sys/fs/cgroup; do
  [ "$cgroups" = 1 ] && [ -e "$root/cgroup.procs" ] || continue
  find "$root" -type d -exec stat -c '%i %n' {} + 2>/dev/null | sed "s,^\([0-9]*\) $root,\1 ,;s,^\([0-9]*\) \$,\1 /," | text cgroups 0
  break
done
`;

/** After the sockets: who holds them. GNU find says it in one pass; busybox has no -printf, so there `ls` does. */
const holders = String.raw`
if [ "$owners" != 0 ]; then
  if find /proc/self/fd -maxdepth 0 -printf '' 2>/dev/null; then find /proc/[0-9]*/fd -lname 'socket:*' -printf '%p %l\n' 2>/dev/null | text fds 0
  else ls -l /proc/[0-9]*/fd 2>/dev/null | text fds 0; fi
  grep -H . /proc/[0-9]*/comm 2>/dev/null | text comms 0
fi
printf '@end 0 0 0\n'
`;

/** Runs in each namespace: prints the files before `--`, then asks ss with the words after it. */
const inside = String.raw`
while [ "$#" -gt 0 ] && [ "$1" != -- ]; do printf '@file 0 0 ~\n%s\n' "$1"; cat "$1" 2>/dev/null; printf '\n@.\n'; shift; done
[ "$#" = 0 ] || { shift; printf '@ss 0 0 =\n'; ss -D - "$@" 2>/dev/null | base64; printf '@.\n'; }
`;

const eachNamespace = String.raw`
enter() { printf '@netns %s 0 ~\n%s\n@.\n' "$1" "$2"; }
inside=$1; shift
enter "$own" /proc/self/ns/net
sh -c "$inside" sh "$@" </dev/null
if [ "$all" = 1 ]; then
  spaces | while read -r inode path; do
    [ "$inode" = "$own" ] && continue
    enter "$inode" "$path"
    if nsenter --net="$path" true </dev/null 2>/dev/null; then nsenter --net="$path" sh -c "$inside" sh "$@" </dev/null
    elif [ $? = 127 ]; then printf '@fail -1 38 7\nnsenter'
    else printf '@fail -1 1 5\nsetns'; fi
  done
fi
`;

/**
 * Writes the helper to the first folder that lets us execute it; 126, 127 and 2 are what shells say to a program they cannot start.
 * It unlinks itself when it starts; the trap is for when it could not.
 */
const helperPass = String.raw`
binary=$1; shift
case $all in
  0) places=@$own: ;;
  1) places="@$own:
$(spaces | sed -n "/^$own /d;s/^\([0-9]*\) \(.*\)$/@\1:\2/p")" ;;
  "$own") places=@$own: ;;
  *) places=$(spaces | sed -n "s/^\($all\) \(.*\)$/@\1:\2/p") ;;
esac
IFS='
'
set -f
status=126
for folder in "$XDG_RUNTIME_DIR" /run /dev/shm /tmp "$HOME"; do
  [ -d "$folder" ] && [ -w "$folder" ] || continue
  file=$folder/.knetscope-pump.$$
  trap 'rm -f "$file"' EXIT HUP INT TERM
  (umask 077; set -C; printf %s "$binary" | base64 -d >"$file") 2>/dev/null && chmod 700 "$file" || { rm -f "$file"; continue; }
  "$file" -u "$@" $places
  status=$?
  rm -f "$file"
  case $status in 126 | 127 | 2) ;; *) break ;; esac
done
set +f
[ "$status" = 0 ] || { [ "$status" != 126 ] || echo "no folder of this host lets a program run" >&2; exit "$status"; }
`;

/** `ss -D`: TCP only. */
export function pumpSs(request: PumpRequest): Pump {
  const args = [...pumpFlags(request), inside, ...request.files, "--", "-t", ...request.ssArguments];
  return { command: { argv: shellScript(common + eachNamespace + holders, args) }, where: "ss" };
}

/** Nothing but files: those of /proc/net hold the sockets. */
export function pumpProc(request: PumpRequest): Pump {
  const args = [...pumpFlags(request), inside, ...request.files, ...request.procFiles];
  return { command: { argv: shellScript(common + eachNamespace + holders, args) }, where: "/proc/net" };
}

/** The static helper. Only with the user's consent. */
export function pumpHelper(request: PumpRequest, endianness: Endianness, helper: HelperBinary): Pump {
  const script = common + helperPass + holders;
  return {
    command: { argv: shellScript(script, [...pumpFlags(request), helper.base64, ...request.files]), stdin: requestBytes(request, endianness) },
    where: "helper",
  };
}
