const [, , command = ""] = process.argv;

// Scripts call these in loops, or people instead of ss; reading the code of all commands takes longer than their work. So they are bundles of their own.
if (command === "resolve") void import("./runResolve").then(({ runResolve }) => runResolve());
else if (["listeners", "sockets", "counters"].includes(command)) void import("./runSocketCommands").then(({ runSocketCommands }) => runSocketCommands());
else void import("./runAllCommands").then(({ runAllCommands }) => runAllCommands());
