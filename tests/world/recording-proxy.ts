/**
 * A proxy before the simulator, over http or https: records every connection and request that CXone gets, discovery
 * too.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createTrustedCertificate } from "../../packages/cxone/testing/certificate.ts";

/** RecordingProxy ends with the test; its certificate, if any, is trusted by this process. */
export interface RecordingProxy {
  readonly url: string;
  /** Passes everything on to the simulator on `port`. */
  leadTo(port: number): void;
  readonly connections: () => number;
  /** Method and path of each request, oldest first. */
  readonly requests: readonly { readonly method: string; readonly path: string }[];
}

/** openRecordingProxy opens the proxy before there is a simulator: its address is needed first. */
export async function openRecordingProxy(scheme: "http" | "https"): Promise<RecordingProxy> {
  let port = 0;
  const requests: { method: string; path: string }[] = [];
  let url = "";
  const pass = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "GET", url: path = "/", headers } = incoming;
    requests.push({ method, path });
    const answer = await exchange({ method, path, headers, port }, await readAll(incoming));
    // The simulator names itself by the host that it was asked for, and knows no TLS.
    const body = answer.body.replaceAll(url.replace("https:", "http:"), url);
    const { "content-length": _, "transfer-encoding": __, ...kept } = answer.headers;
    response.writeHead(answer.status, kept).end(body);
  };
  const server = scheme === "http" ? createServer() : createTlsServer(createTrustedCertificate("localhost"));
  server.on("request", (incoming: IncomingMessage, response: ServerResponse) => void pass(incoming, response));
  let connections = 0;
  server.on(scheme === "http" ? "connection" : "secureConnection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  url = `${scheme}://localhost:${(server.address() as AddressInfo).port}`;
  const leadTo = (to: number) => {
    port = to;
  };
  return { url, leadTo, connections: () => connections, requests };
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly port: number;
}

async function exchange({ method, path, headers, port }: Asked, body: string) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: "127.0.0.1", port, method, path, headers, agent: false }, resolve).once("error", reject).end(body);
  });
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await readAll(answer) };
}

async function readAll(message: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of message.setEncoding("utf8")) text += String(chunk);
  return text;
}
