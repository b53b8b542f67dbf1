// Loaded into the server (node --require): its stdin is a pipe from the process that started it, so the pipe's end means that this
// process is gone, however it died. The server then ends with its whole process group: extension host, terminals, searches.
if (process.argv[1]?.endsWith("server-main.js")) {
  const endGroup = () => {
    setTimeout(() => process.kill(-process.pid, "SIGKILL"), 2000);
    try {
      process.kill(-process.pid, "SIGTERM");
    } catch {
      process.exit();
    }
  };
  process.stdin.on("error", endGroup).once("close", endGroup).resume();
}
