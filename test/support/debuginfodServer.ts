import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ServerOptions {
  /** Answers `Range`, as proxies do and elfutils' own server does not. */
  readonly ranges?: boolean;
  /** Path below `/buildid/` → content. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** First choice for every request; true when it was answered. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface DebuginfodServer {
  readonly url: string;
  /** Paths asked for, in order, with the range when there was one. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** A debuginfod server of the test, on loopback. */
export async function debuginfodServer({ ranges = false, files, intercept }: ServerOptions): Promise<DebuginfodServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? "").replace(/^\/buildid\//, ""));
    asked.push(request.headers.range === undefined ? path : `${path} ${request.headers.range}`);
    if (intercept?.(request, response)) return;
    const content = files[path];
    if (!content) {
      response.writeHead(404).end("not found");
      return;
    }
    const [, first, last] = (ranges && /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "")) || [];
    response.setHeader("X-DEBUGINFOD-SIZE", content.length);
    if (first === undefined) {
      response.writeHead(200, { "Content-Length": content.length }).end(content);
      return;
    }
    const part = content.subarray(Number(first), Number(last) + 1);
    response.writeHead(206, { "Content-Length": part.length, "Content-Range": `bytes ${first}-${Number(first) + part.length - 1}/${content.length}` }).end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
