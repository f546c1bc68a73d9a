import { once } from "node:events";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { createTrustedCertificate } from "../testing/certificate.ts";
import { listen, serveHttp, serveTcp } from "../testing/servers.ts";
import { setupHttp as setup } from "../testing/setup.ts";

describe("connections", () => {
  it("are kept for the next request", async () => {
    const { post } = setup();
    const server = await serveHttp((_, response) => response.end());
    for (let n = 0; n < 5; n += 1) await post(`http://127.0.0.1:${server.port}/`);
    expect(server.connections()).toBe(1);
  });

  it("are dropped by Baton when they were idle for four seconds, whatever the other side promises", async () => {
    const { post } = setup();
    const ends: Promise<unknown>[] = [];
    const { port } = await serveTcp((socket) => {
      ends.push(once(socket, "end"));
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=600\r\nContent-Length: 0\r\n\r\n"));
    });
    await post(`http://127.0.0.1:${port}/`);
    await Promise.all(ends);
    expect(ends).toHaveLength(1);
  });

  it("are not used again once the other side has closed them", async () => {
    const { post } = setup();
    const closed: Promise<unknown>[] = [];
    const server = await serveTcp((socket) => {
      closed.push(once(socket, "close"));
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    });
    for (let n = 1; n <= 3; n += 1) {
      expect(await post(`http://127.0.0.1:${server.port}/`)).toMatchObject({ kind: "answered" });
      await Promise.all(closed);
      expect(server.connections()).toBe(n);
    }
  });

  it("that come too late for their request are kept for the next one", async () => {
    const { post } = setup();
    const server = createTlsServer(createTrustedCertificate("localhost"), (_, response) => response.end());
    const { port } = await listen(server);
    // It holds back what the server says until the request has given up.
    const relay = await serveTcp((socket) => {
      const through = connect(port, "127.0.0.1");
      socket.pipe(through).on("error", () => {});
      void gaveUp.promise.then(() => through.pipe(socket));
    });
    const gaveUp = Promise.withResolvers<void>();
    const secured = once(server, "secureConnection");
    const url = `https://localhost:${relay.port}/`;
    expect(await post(url, { timeLimitMs: 100 })).toEqual({ kind: "unsent", detail: "no connection in time" });
    gaveUp.resolve();
    await secured;
    expect(await post(url)).toMatchObject({ kind: "answered" });
    expect(relay.connections()).toBe(1);
  });

  it("are fresh for each request that asks for it", async () => {
    const { post } = setup();
    const server = await serveHttp((_, response) => response.end());
    for (let n = 0; n < 3; n += 1) await post(`http://127.0.0.1:${server.port}/`, { fresh: true });
    expect(server.connections()).toBe(3);
  });

  it("speak TLS with whom the machine trusts", async () => {
    const { post } = setup();
    const { port } = await listen(
      createTlsServer(createTrustedCertificate("localhost"), (request, response) => response.end(request.headers.host)),
    );
    expect(await post(`https://localhost:${port}/`)).toMatchObject({
      kind: "answered",
      status: 200,
      body: `localhost:${port}`,
    });
  });
});
