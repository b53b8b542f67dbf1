import { TextDocuments, TextDocumentSyncKind, type CancellationToken, type Connection, type ServerCapabilities } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { describeError } from "../base/errors";
import { answersItself, clientPlaces } from "./clientOptions";
import type { DocumentFeatures, DocumentRequests } from "./documentFeatures";
import { kernelsOnDemand } from "./kernelsOnDemand";
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
    return { capabilities: capabilitiesOf(sets, !answersItself(options, "stacks")), serverInfo: { name: "KNetScope" } };
  });
  connection.onInitialized(() => {
    const kernels = kernelsOnDemand(clientPlaces(options, (line) => connection.console.log(line)));
    for (const set of sets) set.begin?.(connection, options, kernels);
    connection.onShutdown(() => kernels.dispose());
  });
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

function capabilitiesOf(sets: readonly DocumentFeatures[], isAlone: boolean): ServerCapabilities {
  const own: ServerCapabilities = { textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true } };
  return Object.assign(own, ...sets.map(({ capabilities, capabilitiesAlone }) => ({ ...capabilities, ...(isAlone && capabilitiesAlone) }))) as ServerCapabilities;
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
