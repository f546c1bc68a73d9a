import { createServer as createHttpServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createTrustedCertificate } from "../testing/certificate.ts";
import { freePort, listen, serveHttp, serveTcp } from "../testing/servers.ts";
import { setupHttp as setup } from "../testing/setup.ts";
import { createCxOneHttpClient } from "./cxone-http-client.ts";

describe("the egress proxy", () => {
  it("tunnels https, with its credentials and without the request's", async () => {
    const { port } = await listen(
      createTlsServer(createTrustedCertificate("localhost"), (_, response) => response.end("through")),
    );
    const asked: unknown[] = [];
    const proxy = await serveProxy((request) => asked.push(request), 200);
    const { post } = setup({ egressProxy: `http://user:p%40ss@127.0.0.1:${proxy.port}` });
    expect(await post(`https://localhost:${port}/x`, { headers: { Authorization: "Bearer token" } })).toMatchObject({
      kind: "answered",
      body: "through",
    });
    expect(asked).toEqual([
      {
        path: `localhost:${port}`,
        authorization: undefined,
        proxyAuthorization: `Basic ${Buffer.from("user:p@ss").toString("base64")}`,
      },
    ]);
  });

  it("passes plain http on", async () => {
    const proxy = await serveHttp((request, response) => response.end(request.url));
    const { post } = setup({ egressProxy: `http://127.0.0.1:${proxy.port}` });
    expect(await post("http://cxone.test/path?p1=a")).toMatchObject({
      kind: "answered",
      body: "http://cxone.test/path?p1=a",
    });
  });

  it("passes one plain request after another on, though it closes after each without saying so", async () => {
    const proxy = await serveTcp((socket) => {
      let answered = false;
      socket.on("data", () => {
        if (answered) socket.destroy();
        else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nthrough");
        answered = true;
      });
    });
    const { post } = setup({ egressProxy: `http://127.0.0.1:${proxy.port}` });
    for (let count = 0; count < 3; count += 1)
      expect(await post("http://cxone.test/")).toMatchObject({ kind: "answered", body: "through" });
  });

  it("leaves the request unsent when it is down", async () => {
    const { post } = setup({ egressProxy: `http://127.0.0.1:${await freePort()}` });
    const unsent = {
      kind: "unsent",
      detail: "the proxy's connection was not made (ECONNREFUSED)",
      fault: "proxy-refused",
    };
    expect(await post("https://cxone.test/")).toEqual(unsent);
    expect(await post("http://cxone.test/")).toEqual(unsent);
  });

  it("leaves the request unsent when it refuses the tunnel", async () => {
    const proxy = await serveProxy(() => {}, 407);
    const { post } = setup({ egressProxy: `http://127.0.0.1:${proxy.port}` });
    expect(await post("https://cxone.test/")).toEqual({
      kind: "unsent",
      detail: "the proxy refused the tunnel with HTTP 407",
      fault: "proxy-refused",
    });
  });

  it("leaves the request unsent when it does not answer in time, or hangs up instead of leading on", async () => {
    const { port } = await serveTcp((socket) => socket.once("data", () => {}));
    const silent = setup({ egressProxy: `http://127.0.0.1:${port}` });
    expect(await silent.post("https://cxone.test/", { timeLimitMs: 200 })).toEqual({
      kind: "unsent",
      detail: "no connection in time",
    });
    const broken = await serveTcp((socket) => socket.once("data", () => socket.destroy()));
    const closed = setup({ egressProxy: `http://127.0.0.1:${broken.port}` });
    expect(await closed.post("https://cxone.test/")).toEqual({
      kind: "unsent",
      detail: "the proxy's connection was not made (ECONNRESET)",
      fault: "proxy-refused",
    });
  });

  it("leaves the request unsent when the tunnel breaks off during the TLS handshake", async () => {
    const proxy = await serveTcp((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 Connected\r\n\r\n");
        socket.once("data", () => socket.destroy());
      });
    });
    const { post } = setup({ egressProxy: `http://127.0.0.1:${proxy.port}` });
    expect(await post("https://cxone.test/")).toEqual({
      kind: "unsent",
      detail: "TLS failed (ECONNRESET)",
      fault: "tls-failed",
    });
  });

  it("leaves the request unsent when it refuses its own credentials for plain http", async () => {
    const proxy = await serveHttp((_, response) => response.writeHead(407).end());
    const { post } = setup({ egressProxy: `http://127.0.0.1:${proxy.port}` });
    expect(await post("http://cxone.test/")).toMatchObject({ kind: "unsent" });
  });

  it("is refused at once when it is written wrongly, without repeating it", () => {
    expect(() => createCxOneHttpClient({ egressProxy: "socks5://user:hunter2@proxy:1080" })).toThrow(/write http:/);
    expect(() => createCxOneHttpClient({ egressProxy: "socks5://user:hunter2@proxy:1080" })).not.toThrow(/hunter2/);
  });
});

async function serveProxy(onConnect: (asked: object) => void, status: number) {
  const server = createHttpServer();
  server.on("connect", (request, socket: Socket) => {
    onConnect({
      path: request.url,
      authorization: request.headers.authorization,
      proxyAuthorization: request.headers["proxy-authorization"],
    });
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const target = connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connected\r\n\r\n");
      target.pipe(socket).pipe(target);
    });
    target.on("error", () => socket.destroy());
    socket.on("close", () => target.destroy());
  });
  return listen(server);
}
