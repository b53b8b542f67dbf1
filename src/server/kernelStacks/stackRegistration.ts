import {
  BulkRegistration, CodeActionRequest, DefinitionRequest, DidChangeTextDocumentNotification, DidCloseTextDocumentNotification, DidOpenTextDocumentNotification, DocumentLinkRequest,
  DocumentSymbolRequest, FoldingRangeRequest, HoverRequest, InlayHintRequest, SemanticTokensRegistrationType, TextDocumentSyncKind, type BulkUnregistration, type Connection,
  type DocumentSelector,
} from "vscode-languageserver";
import type { StackSettings } from "../../protocol/kernelStacks";
import { stackTokens } from "./semanticMarks";

/**
 * Registers the features for the documents that the settings name, while the server runs. Registering links anew makes the editor ask for
 * them once more: there is no other way to tell it that a long text is read to its end.
 */
export class StackRegistration {
  private features: Promise<BulkUnregistration> | undefined;
  private links: Promise<BulkUnregistration> | undefined;
  private selector: DocumentSelector = [];

  constructor(private readonly connection: Connection) {}

  async register({ languages, files }: StackSettings): Promise<void> {
    this.selector = [...["kernel-stack", ...languages].map((language) => ({ language })), ...files.map((pattern) => ({ pattern }))];
    const before = this.features;
    const documentSelector = this.selector;
    const registration = BulkRegistration.create();
    registration.add(DidOpenTextDocumentNotification.type, { documentSelector });
    registration.add(DidChangeTextDocumentNotification.type, { documentSelector, syncKind: TextDocumentSyncKind.Incremental });
    registration.add(DidCloseTextDocumentNotification.type, { documentSelector });
    registration.add(HoverRequest.type, { documentSelector });
    registration.add(DefinitionRequest.type, { documentSelector });
    registration.add(DocumentSymbolRequest.type, { documentSelector, label: "Kernel stacks" });
    registration.add(FoldingRangeRequest.type, { documentSelector });
    registration.add(InlayHintRequest.type, { documentSelector });
    registration.add(CodeActionRequest.type, { documentSelector });
    registration.add(SemanticTokensRegistrationType.type, { documentSelector, legend: stackTokens, range: true, full: false });
    (await before)?.dispose();
    this.features = this.connection.client.register(registration);
    await this.features;
    await this.renewLinks();
  }

  async renewLinks(): Promise<void> {
    const [before, documentSelector] = [this.links, this.selector];
    this.links = (async () => {
      // First gone, then here anew: with both of them the editor would ask each for all links.
      (await before)?.dispose();
      const registration = BulkRegistration.create();
      registration.add(DocumentLinkRequest.type, { documentSelector, resolveProvider: true });
      return this.connection.client.register(registration);
    })();
    await this.links;
  }
}
