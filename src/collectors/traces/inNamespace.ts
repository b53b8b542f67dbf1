import { shellScript } from "../../target/command";

type Argv = readonly [string, ...string[]];

/** A shell line that finds the file of a network namespace by its inode `$1`: of a process in it, or the one that a name of `ip netns` holds. */
export const findNamespace = "stat -L -c '%i %n' /run/netns/* /proc/[0-9]*/ns/net 2>/dev/null | awk -v inode=\"$1\" '$1 == inode { print $2; exit }'";

const script = `file=$(${findNamespace})
[ -n "$file" ] || { echo "there is no network namespace $1" >&2; exit 1; }
shift
exec nsenter --net="$file" "$@"`;

/**
 * The same command in a network namespace, which is looked for when it runs: its processes may have changed since.
 *
 * @param netns inode; undefined: where we are
 */
export const inNamespace = (argv: Argv, netns: number | undefined): Argv => (netns === undefined ? argv : shellScript(script, [String(netns), ...argv]));
