import { shellLine, shellScript } from "../../target/command";

type Argv = readonly [string, ...string[]];

/** Finds the file of a network namespace by its inode: of a process in it, or the one that a name of `ip netns` holds. */
const findNamespace = "stat -L -c '%i %n' /run/netns/* /proc/[0-9]*/ns/net 2>/dev/null | awk -v inode=\"$1\" '$1 == inode { print $2; exit }'";

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

/** A command for a person to read: without the search for the namespace. */
export function namespaceLine(argv: Argv): string {
  const [, , text, , netns, ...rest] = argv;
  return text === script ? `nsenter --net=[${netns ?? ""}] ${shellLine(rest)}` : shellLine(argv);
}
