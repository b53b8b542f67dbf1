import type {
  CancellationToken, CodeAction, CodeActionParams, CodeLens, CodeLensParams, CompletionItem, CompletionList, CompletionParams, Connection, DefinitionParams, DocumentFormattingParams,
  DocumentHighlight, DocumentHighlightParams, DocumentLink, DocumentLinkParams, DocumentSymbol, DocumentSymbolParams, FoldingRange, FoldingRangeParams, Hover, HoverParams, InlayHint,
  InlayHintParams, Location, PrepareRenameParams, Range, ReferenceParams, RenameParams, SemanticTokens, SemanticTokensParams, SemanticTokensRangeParams, ServerCapabilities, SignatureHelp,
  SignatureHelpParams, TextEdit, WorkspaceEdit,
} from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { LocalKernels } from "./kernelsOnDemand";

/** Requests about one document: name in the protocol → parameter and answer. */
export interface DocumentRequests {
  "textDocument/hover": [HoverParams, Hover];
  "textDocument/definition": [DefinitionParams, readonly Location[]];
  "textDocument/references": [ReferenceParams, readonly Location[]];
  "textDocument/documentHighlight": [DocumentHighlightParams, readonly DocumentHighlight[]];
  "textDocument/prepareRename": [PrepareRenameParams, Range | { readonly range: Range; readonly placeholder: string }];
  "textDocument/rename": [RenameParams, WorkspaceEdit];
  "textDocument/completion": [CompletionParams, readonly CompletionItem[] | CompletionList];
  "textDocument/signatureHelp": [SignatureHelpParams, SignatureHelp];
  "textDocument/documentLink": [DocumentLinkParams, readonly DocumentLink[]];
  "textDocument/documentSymbol": [DocumentSymbolParams, readonly DocumentSymbol[]];
  "textDocument/foldingRange": [FoldingRangeParams, readonly FoldingRange[]];
  "textDocument/inlayHint": [InlayHintParams, readonly InlayHint[]];
  "textDocument/semanticTokens/full": [SemanticTokensParams, SemanticTokens];
  "textDocument/semanticTokens/range": [SemanticTokensRangeParams, SemanticTokens];
  "textDocument/codeAction": [CodeActionParams, readonly CodeAction[]];
  "textDocument/codeLens": [CodeLensParams, readonly CodeLens[]];
  "textDocument/formatting": [DocumentFormattingParams, readonly TextEdit[]];
}

type Answer<R> = R | null | Promise<R | null>;

/** What the server does for one kind of document. Several such sets share one connection; a request goes to the set that owns its document. */
export interface DocumentFeatures {
  /** Told to the editor at the start, for the documents its client names; what is for other documents is registered in `begin`. */
  readonly capabilities?: ServerCapabilities;
  /** Told besides to a client that answers nothing itself, and may not know of later registration. */
  readonly capabilitiesAlone?: ServerCapabilities;
  owns(document: TextDocument): boolean;
  readonly requests: { readonly [K in keyof DocumentRequests]?: (document: TextDocument, params: DocumentRequests[K][0], token: CancellationToken) => Answer<DocumentRequests[K][1]> };
  /** Called once, when the editor is ready. `options` are the client's `initializationOptions`, `kernels` what answers in place of a client that does not. */
  begin?(connection: Connection, options: unknown, kernels: LocalKernels): void;
  opened?(document: TextDocument): void;
  changed?(document: TextDocument): void;
  saved?(document: TextDocument): void;
  closed?(document: TextDocument): void;
}
