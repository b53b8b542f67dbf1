import { CancellationTokenSource, type Connection } from "vscode-languageserver";
import { stackMethods, type SourceExcerpt, type SourceQuery, type StackAnswer, type StackQuery } from "../../protocol/kernelStacks";
import type { FrameResolver } from "./frameAnswers";

/** Asks the editor's side. An editor that knows nothing of these requests leaves frames unresolved. */
export function connectionResolver(connection: Connection): FrameResolver {
  return {
    resolve: async (queries, signal) => (await ask<readonly StackAnswer[]>(connection, stackMethods.resolve, queries, signal)) ?? [],
    source: (query, signal) => ask<SourceExcerpt | null>(connection, stackMethods.source, query, signal),
  };
}

async function ask<R>(connection: Connection, method: string, parameter: readonly StackQuery[] | SourceQuery, signal: AbortSignal): Promise<R | null> {
  const source = new CancellationTokenSource();
  const cancel = (): void => source.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    return await connection.sendRequest<R>(method, parameter, source.token);
  } catch (error) {
    if (isUnknownMethod(error)) return null;
    throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
    source.dispose();
  }
}

const isUnknownMethod = (error: unknown): boolean => typeof error === "object" && error !== null && "code" in error && error.code === -32601;
