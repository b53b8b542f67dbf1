/** Every command, with the title that package.json shows. A test compares the two both ways; the compiler compares it with `commandTable`. */
export const commandTitles = {
  "knetscope.addHost": "Add Host…",
  "knetscope.connectHost": "Connect to Host…",
  "knetscope.disconnectHost": "Disconnect",
  "knetscope.checkHost": "Check Host",
  "knetscope.removeHost": "Remove Host",
  "knetscope.selectHost": "Select Active Host…",
  "knetscope.openHostTerminal": "Open Terminal on Host",
  "knetscope.forgetPasswords": "Forget Saved Passwords…",
  "knetscope.loadTcpDiag": "Load Module tcp_diag on Host",
  "knetscope.applyRemedy": "Apply Remedy…",
  "knetscope.showListeners": "Show Listeners",
  "knetscope.refresh": "Refresh",
  "knetscope.querySockets": "Query Sockets…",
  "knetscope.closeSockets": "Close Sockets…",
  "knetscope.showConnections": "Show Connections of Listener",
  "knetscope.traceResets": "Trace TCP Resets",
  "knetscope.stopTrace": "Stop Trace",
  "knetscope.removeTrace": "Remove Trace",
  "knetscope.saveTrace": "Save Trace…",
  "knetscope.importTrace": "Import Trace…",
  "knetscope.compareTraces": "Compare Traces…",
  "knetscope.flameGraph": "Flame Graph",
  "knetscope.resolveStack": "Resolve Kernel Stack",
  "knetscope.resolveAll": "Resolve All Kernel Stacks of Document",
  "knetscope.explainStack": "Explain Kernel Stack",
  "knetscope.openFrame": "Open Kernel Frame",
  "knetscope.goToLocation": "Go to Kernel Location…",
  "knetscope.openSource": "Open Kernel Source…",
  "knetscope.openSourceAt": "Open Source",
  "knetscope.copy": "Copy",
  "knetscope.explain": "Explain",
  "knetscope.showLog": "Show Log",
} as const;

export type CommandId = keyof typeof commandTitles;

export const commandIds = Object.keys(commandTitles) as CommandId[];
