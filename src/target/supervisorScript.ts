/** proc(5), PID/stat: after the name in parentheses come state, parent and process group. A zombie counts as gone: not every init reaps at once. */
const afterName = "${line##*) }";

/**
 * The script that runs one command on a target and sees to it that nothing of it stays behind. Whatever
 * kills us (a cut link, a closed editor, SIGKILL), its standard input ends, or the lease runs out because
 * nobody renews it, and then the command is told to end: a signal each second, KILL after five.
 * A quiet tracer would otherwise live on for ever: sshd does not end what has no terminal, and
 * an ordinary user cannot signal what runs under sudo, so this script runs inside sudo.
 *
 * It must work in dash, bash and busybox ash. There `read` has no time limit, a background job reads from
 * /dev/null unless told otherwise, and signals between subshells race with their traps. So there are no
 * signals between its parts but one pipe of events, read by a single judge:
 *
 *     feed    hands the first BYTES bytes of standard input to the command, then turns each further
 *             line into “renew”, and “stop” or the end of input into “stop”
 *     keep    starts the command in a session of its own and reports “child PID” and “exit STATUS”
 *     ticks   reports “tick” every second; when the judge has been killed it does the judge's last duty itself
 *     judge   counts the lease down, signals the process group, undoes, exits with the command's status
 *
 * The command writes to the channel itself, so no output passes through here or is lost. Every part
 * closes the channel's output, or the end of output would wait for it. Functions that run in the
 * background redirect with `exec`: dash keeps a saved copy of a descriptor redirected on a call.
 *
 * Arguments: LEASE (seconds) SIGNAL BYTES ENVIRONMENT UNDO COMMAND…; standard input: anything (a password that sudo did
 * not want), a line `knetscope-begin`, BYTES bytes, then lines `renew` and `stop`.
 */
export const supervisorScript = String.raw`: "KNetScope: runs one command and ends it with its connection"
lease=$1 signal=$2 bytes=$3 environment=$4 undo=$5
shift 5

line=
until [ "$line" = knetscope-begin ]; do IFS= read -r line || exit 125; done
exec 3<&0 4>&1 5>&2 </dev/null 2>/dev/null

PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
eval "$environment"
session=setsid group=-
command -v setsid >/dev/null || session= group=

undo_all() { [ -z "$undo" ] || sh -c "$undo" </dev/null >/dev/null 2>&1; }

if ! command -v "$1" >/dev/null; then
  undo_all
  echo "knetscope: command not found: $1" >&5
  exit 127
fi

ticks() {
  trap 'kill $!; exit' TERM
  trap '' PIPE
  while :; do sleep 1 & wait $!; echo tick || break; done
  kill -KILL "$group$1"
  undo_all
}

lease_lines() {
  exec <&3 >&6 3<&- 4>&- 5>&- 6>&-
  while IFS= read -r line && [ "$line" != stop ]; do echo renew; done
  echo stop
}

feed() {
  if [ "$bytes" != 0 ]; then
    head -c "$bytes" <&3 3<&- 4>&- 5>&- 6>&- &
    echo "feeder $!" >&6
    wait $!
    [ $? != 143 ] || return
  fi
  lease_lines &
  echo "reader $!" >&6
}

keep() {
  exec 6>&- 7<&0 </dev/null
  $session "$@" <&7 >&4 2>&5 3<&- 4>&- 5>&- 7<&- &
  child=$!
  exec 3<&- 4>&- 5>&- 7<&-
  echo "child $child"
  ticks "$child" &
  echo "ticker $!"
  wait "$child"
  echo "exit $?"
}

end() {
  sent=$((sent + 1))
  if [ "$sent" -le 5 ]; then kill -"$signal" "$group$child"; else kill -KILL "$group$child"; fi
}

living() {
  for file in /proc/[0-9]*/stat; do
    read -r line <"$file" || continue
    set -- ${afterName}
    [ "$3" != "$child" ] || [ "$1" = Z ] || return 0
  done
  return 1
}

ended() {
  [ -n "$status" ] || return
  [ "$sent" -le 8 ] || return 0
  [ -n "$reader" ] || return
  [ -z "$group" ] || ! kill -0 "-$child" || ! living
}

judge() {
  exec 3<&- 4>&- 5>&- >/dev/null
  left=$lease ending= sent=0 status= reader= feeder= ticker= orphaned=0
  while read -r event value; do
    case $event in
      child) child=$value ;;
      feeder) feeder=$value ;;
      reader) reader=$value ;;
      ticker) ticker=$value ;;
      exit) status=$value ;;
      renew) left=$lease ;;
      stop) ending=1 ;;
      tick)
        left=$((left - 1))
        [ "$left" -gt 0 ] || ending=1
        kill -0 "$child" || orphaned=$((orphaned + 1))
        [ "$orphaned" -lt 2 ] || [ -n "$status" ] || status=255
        ;;
    esac
    ! ended || break
    case $event in
      stop | tick) [ -z "$ending" ] || end ;;
      exit) ending=1; end ;;
    esac
  done
  kill $reader $feeder $ticker
  undo_all
  [ -n "$status" ] || status=255
  exit "$status"
}

{ exec 6>&1; feed | keep "$@"; } | judge
`;
