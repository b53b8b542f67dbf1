import { parentPort } from "node:worker_threads";
import type { StackFrame } from "../stacks/stack";
import { proxiedFiles } from "./fileProxies";
import { Resolver } from "./resolver";
import { ThreadPeer, type PeerMessage } from "./threadPeer";

/** The symbolizer's thread: resolves frames, asks the main thread for what is not on this machine. */
const port = parentPort;
if (!port) throw new Error("this script is the symbolizer's worker thread; it is not run by itself");

/** Milliseconds without a request after which an index is kept. */
const idle = 1000;

let resolver: Promise<Resolver> | undefined;
let idling: NodeJS.Timeout | undefined;

const peer: ThreadPeer = new ThreadPeer(port, async (method, parameter, signal) => {
  resolver ??= proxiedFiles(peer).then((files) => new Resolver(files));
  if (method === "resolve") return (await resolver).resolve(parameter as readonly StackFrame[], signal).finally(keepWhenIdle);
  if (method === "sourceRoot") return (await resolver).sourceRoot();
  if (method === "compilationFolder") return (await resolver).compilationFolder();
  if (method === "close") return (await resolver).close();
  throw new Error(`unknown method ${method}`);
});

function keepWhenIdle(): void {
  clearTimeout(idling);
  idling = setTimeout(() => void resolver?.then((known) => known.keep()), idle).unref();
}

port.on("message", (message: PeerMessage) => peer.receive(message));
