/** The arguments that make `ssh` reach what `name` means to us: an alias, or `user@host[:port]` with IPv6 in brackets. */
export function sshArguments(name: string, configFile?: string): readonly string[] {
  const [, user = "", host = name, port] = /^(?:([^@]*)@)?(\[[^\]]+\]|[^:@]+)(?::(\d+))?$/.exec(name) ?? [];
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  return [
    ...(configFile === undefined ? [] : ["-F", configFile]),
    ...(port === undefined ? [] : ["-p", port]),
    ...(user === "" ? [] : ["-l", user]),
    // What begins with a dash would be an option.
    "--", bare,
  ];
}
