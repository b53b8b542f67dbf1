import { TextDocuments, TextDocumentSyncKind, type CancellationToken, type Connection, type ServerCapabilities } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { describeError } from "../base/errors";
import type { DocumentFeatures, DocumentRequests } from "./documentFeatures";
import { BpftraceFeatures } from "./bpftrace/bpftraceFeatures";
import { KernelStackFeatures } from "./kernelStacks/kernelStackFeatures";

/** Wires the feature sets to a connection: each request goes to the set that owns its document. */
export function startServer(connection: Connection): void {
  const documents = new TextDocuments(TextDocument);
  const sets: readonly DocumentFeatures[] = [new BpftraceFeatures(connection), new KernelStackFeatures(connection)];
  const ownerOf = (document: TextDocument): DocumentFeatures | undefined => sets.find((set) => set.owns(document));
  let options: unknown;
  connection.onInitialize((params) => {
    options = params.initializationOptions;
    return { capabilities: capabilitiesOf(sets), serverInfo: { name: "KNetScope" } };
  });
  connection.onInitialized(() => sets.forEach((set) => set.begin?.(connection, options)));
  documents.onDidOpen(({ document }) => ownerOf(document)?.opened?.(document));
  // The first content comes with the opening itself.
  documents.onDidChangeContent(({ document }) => ownerOf(document)?.changed?.(document));
  documents.onDidSave(({ document }) => ownerOf(document)?.saved?.(document));
  documents.onDidClose(({ document }) => ownerOf(document)?.closed?.(document));
  for (const method of new Set(sets.flatMap(({ requests }) => Object.keys(requests) as (keyof DocumentRequests)[]))) {
    connection.onRequest(method, (params: { readonly textDocument: { readonly uri: string } }, token: CancellationToken) => {
      const document = documents.get(params.textDocument.uri);
      const owner = document && ownerOf(document);
      return document && owner ? answer(connection, owner, method, document, params, token) : null;
    });
  }
  documents.listen(connection);
  connection.listen();
}

function capabilitiesOf(sets: readonly DocumentFeatures[]): ServerCapabilities {
  const own: ServerCapabilities = { textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true } };
  return Object.assign(own, ...sets.map(({ capabilities }) => capabilities ?? {})) as ServerCapabilities;
}

/** A failure in one request is written to the log; the editor gets no answer, and goes on. */
async function answer(connection: Connection, owner: DocumentFeatures, method: keyof DocumentRequests, document: TextDocument, params: unknown, token: CancellationToken): Promise<unknown> {
  const handler = owner.requests[method] as ((document: TextDocument, params: unknown, token: CancellationToken) => unknown) | undefined;
  try {
    return (await handler?.(document, params, token)) ?? null;
  } catch (error) {
    if (!token.isCancellationRequested) connection.console.error(`${method}: ${describeError(error)}`);
    return null;
  }
}
