import { spawn } from "node:child_process";
import { once } from "node:events";
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter, type ProtocolConnection } from "vscode-languageserver/node";
import esbuild from "esbuild";
import { bundles } from "../../../tools/bundles.mjs";

const parts: readonly string[] = ["server", "serverKernels", "symbolizer"];

/** The server's bundles and the symbolizer's beside them, as they are packaged. */
export async function buildServer(folder: string): Promise<string> {
  for (const options of bundles()) {
    if (Object.keys(options.entryPoints ?? {}).some((name) => parts.includes(name))) await esbuild.build({ ...options, sourcemap: false, outdir: folder });
  }
  return `${folder}/server.js`;
}

export interface BuiltServer {
  readonly connection: ProtocolConnection;
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** The last ones of each document. */
  readonly diagnostics: ReadonlyMap<string, readonly { readonly message: string; readonly code?: string | number; readonly range: { readonly start: { readonly line: number } } }[]>;
  readonly log: readonly string[];
  open(uri: string, languageId: string, text: string): Promise<void>;
  request<R>(method: string, uri: string, more?: object): Promise<R>;
  /** Ends it as an editor does. @returns its exit status */
  end(): Promise<number | null>;
}

/** A process of its own over stdio, and a client that answers nothing, as editors without our extension. */
export async function startBuiltServer(script: string, initializationOptions: object, env: NodeJS.ProcessEnv): Promise<BuiltServer> {
  const child = spawn(process.execPath, [script, "--stdio"], { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, ...env } });
  const exited = once(child, "exit") as Promise<[number | null]>;
  const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  const diagnostics = new Map<string, BuiltServer["diagnostics"] extends ReadonlyMap<string, infer V> ? V : never>();
  const log: string[] = [];
  connection.onNotification("textDocument/publishDiagnostics", (params: { uri: string; diagnostics: never }) => void diagnostics.set(params.uri, params.diagnostics));
  connection.onNotification("window/logMessage", ({ message }: { message: string }) => void log.push(message));
  connection.listen();
  const { capabilities } = await connection.sendRequest<{ capabilities: Record<string, unknown> }>("initialize", { processId: process.pid, rootUri: null, capabilities: {}, initializationOptions });
  await connection.sendNotification("initialized", {});
  return {
    connection, capabilities, diagnostics, log,
    open: (uri, languageId, text) => connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId, version: 1, text } }),
    request: (method, uri, more = {}) => connection.sendRequest(method, { textDocument: { uri }, ...more }),
    end: async () => {
      // One that is gone already answers nothing.
      await Promise.race([connection.sendRequest("shutdown").then(() => connection.sendNotification("exit")), exited]);
      const [status] = await exited;
      connection.dispose();
      return status;
    },
  };
}
