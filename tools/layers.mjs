/** Who may import whom: folder under src → folders it may import besides itself. `npm run lint` checks it. */
const pure = ["base"];
const core = ["base", "elf", "dwarf", "debuginfod", "netlink", "sockdiag", "btf", "stacks", "knowledge", "target", "ssh", "probes", "symbolize", "bpftrace", "bpflang", "kernelsource", "collectors"];

export const layers = {
  base: [],
  elf: pure,
  netlink: pure,
  btf: pure,
  stacks: pure,
  knowledge: ["base", "stacks"],
  dwarf: ["base", "elf"],
  debuginfod: ["base", "elf"],
  target: pure,
  ssh: ["base", "target"],
  probes: ["base", "target", "elf"],
  sockdiag: ["base", "netlink"],
  bpftrace: ["base", "stacks"],
  bpflang: ["base", "btf", "bpftrace"],
  kernelsource: ["base", "target", "probes"],
  symbolize: ["base", "elf", "dwarf", "debuginfod", "stacks", "target", "probes"],
  collectors: core,
  session: [...core, "protocol"],
  protocol: pure,
  server: [...core, "session", "protocol"],
  cli: [...core, "session"],
  vscode: [...core, "session", "protocol"],
  webviews: ["protocol"],
};

/** npm packages (and `vscode`) that only the named folders may import. */
export const restrictedPackages = {
  vscode: ["vscode"],
  "vscode-languageclient": ["vscode"],
  "vscode-languageserver": ["server"],
  ssh2: ["ssh"],
  "ssh-config": ["ssh"],
  commander: ["cli"],
};
