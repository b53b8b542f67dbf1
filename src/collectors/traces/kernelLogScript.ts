/** Parts of shell scripts that hand the kernel log on, from now on. */

export const sinceWord = "knetscope since ";

/** Tells the log's newest record, so that older lines are not taken for new ones. */
export const tellNewest = String.raw`[ -r /dev/kmsg ] || { echo "/dev/kmsg cannot be read" >&2; exit 1; }
since=$(dd if=/dev/kmsg iflag=nonblock bs=8192 2>/dev/null | grep "^[0-9]" | tail -n 1 | cut -d, -f3)
[ -n "$since" ] || since=$(dmesg | sed -n '$s/^\[ *\([0-9]*\)\.\([0-9]*\)\].*/\1\2/p')
echo "${sinceWord}${"$"}{since:-0}"`;

/** The reader does not heed the signal that ends us, so that what was logged until then is handed on too: `finish` has to kill it. It is begun anew after an overrun. */
export const followLog = `while :; do
  (trap '' TERM; exec cat /dev/kmsg) &
  reader=$!
  wait $reader
  sleep 1
done`;

/** The module that writes packets into the log; before 5.13 it had another name. It stays loaded. */
export const loadLogger: readonly [string, ...string[]] = ["sh", "-c", "modprobe -q nf_log_syslog || modprobe nf_log_ipv4"];
