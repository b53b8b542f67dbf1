import { PassThrough } from "node:stream";
import { createConnection, createProtocolConnection, StreamMessageReader, StreamMessageWriter, type ProtocolConnection } from "vscode-languageserver/node";
import { startServer } from "../../../src/server/startServer";
import { stackMethods, type StackAnswer, type StackQuery, type StackSettings } from "../../../src/protocol/kernelStacks";

export interface ServerClient {
  readonly connection: ProtocolConnection;
  /** Methods that the server registered, in order; a method twice when it was registered anew. */
  readonly registered: string[];
  readonly diagnostics: Map<string, { readonly message: string; readonly code?: string | number }[]>;
  /** What was asked about frames, request by request. */
  readonly asked: (readonly StackQuery[])[];
  open(uri: string, languageId: string, text: string): Promise<void>;
  change(uri: string, version: number, range: { start: { line: number; character: number }; end: { line: number; character: number } }, text: string): Promise<void>;
  request(method: string, uri: string, more?: object): Promise<unknown>;
  dispose(): void;
}

/** The real server over streams in this process, with an editor's side that answers as the test says. */
export async function serverClient(answer: (query: StackQuery) => StackAnswer, settings: Partial<StackSettings> = {}): Promise<ServerClient> {
  const [there, back] = [new PassThrough(), new PassThrough()];
  startServer(createConnection(new StreamMessageReader(there), new StreamMessageWriter(back)));
  const connection = createProtocolConnection(new StreamMessageReader(back), new StreamMessageWriter(there));
  const registered: string[] = [];
  const asked: (readonly StackQuery[])[] = [];
  const diagnostics: ServerClient["diagnostics"] = new Map();
  connection.onRequest("client/registerCapability", ({ registrations }: { registrations: { method: string }[] }) => void registered.push(...registrations.map(({ method }) => method)));
  connection.onRequest("client/unregisterCapability", () => null);
  connection.onRequest("workspace/inlayHint/refresh", () => null);
  connection.onNotification("textDocument/publishDiagnostics", (params: { uri: string; diagnostics: { message: string; code?: string | number }[] }) => void diagnostics.set(params.uri, params.diagnostics));
  connection.onRequest(stackMethods.resolve, (queries: readonly StackQuery[]) => {
    asked.push(queries);
    return queries.map(answer);
  });
  connection.onRequest(stackMethods.source, ({ line, around }: { line: number; around: number }) => ({ first: line - around, lines: Array.from({ length: 2 * around + 1 }, (_, index) => `source ${line - around + index}`) }));
  connection.listen();
  const stacks: StackSettings = { languages: ["plaintext", "log"], files: [], maxFileBytes: 32 << 20, inlayHints: true, diagnostics: true, ...settings };
  await connection.sendRequest("initialize", { processId: null, rootUri: null, capabilities: {}, initializationOptions: { stacks } });
  await connection.sendNotification("initialized", {});
  return {
    connection, registered, diagnostics, asked,
    open: (uri, languageId, text) => connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId, version: 1, text } }),
    change: (uri, version, range, text) => connection.sendNotification("textDocument/didChange", { textDocument: { uri, version }, contentChanges: [{ range, text }] }),
    request: (method, uri, more = {}) => connection.sendRequest(method, { textDocument: { uri }, ...more }),
    dispose: () => connection.dispose(),
  };
}
