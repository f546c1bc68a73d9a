import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createCertificate, createTrustedCertificate } from "../testing/certificate.ts";
import { freePort, listen, listenFull, serveHttp, serveTcp } from "../testing/servers.ts";
import { setupHttp as setup } from "../testing/setup.ts";

/** received collects what a server's socket received. */
function received(sockets: Socket[]) {
  return (socket: Socket) => {
    sockets.push(socket);
  };
}

describe("a request that never had a connection is unsent", () => {
  it("when the port refuses", async () => {
    const { post } = setup();
    expect(await post(`http://127.0.0.1:${await freePort()}/`)).toEqual({
      kind: "unsent",
      detail: "the connection was not made (ECONNREFUSED)",
    });
  });

  it("when the name is not resolved", async () => {
    const { post } = setup();
    expect(await post("http://no-such-host.invalid/")).toMatchObject({
      kind: "unsent",
      detail: expect.stringContaining("the name was not resolved"),
    });
  });

  it("when the connection is not accepted in time", async () => {
    const { post } = setup();
    expect(await post(`http://127.0.0.1:${await listenFull()}/`, { timeLimitMs: 200 })).toEqual({
      kind: "unsent",
      detail: "no connection in time",
    });
  });

  it("when the other side never answers the TLS handshake", async () => {
    const { post } = setup();
    const sockets: Socket[] = [];
    const { port } = await serveTcp(received(sockets));
    expect(await post(`https://127.0.0.1:${port}/`, { timeLimitMs: 200 })).toEqual({
      kind: "unsent",
      detail: "no connection in time",
    });
    expect(sockets).toHaveLength(1);
  });

  it("when the other side hangs up during the TLS handshake", async () => {
    const { post } = setup();
    const { port } = await serveTcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect(await post(`https://127.0.0.1:${port}/`)).toEqual({
      kind: "unsent",
      detail: "TLS failed (ECONNRESET)",
      fault: "tls-failed",
    });
  });

  it("when no authority that Node trusts signed the certificate, and not a byte of the request leaves", async () => {
    const { post } = setup();
    let requests = 0;
    let bytes = 0;
    const server = createTlsServer(createCertificate("localhost"), () => {
      requests += 1;
    });
    server.on("secureConnection", (socket) =>
      socket.on("error", () => {}).on("data", (data) => (bytes += data.length)),
    );
    const { port } = await listen(server);
    expect(await post(`https://localhost:${port}/`, { body: "secret" })).toEqual({
      kind: "unsent",
      detail: "TLS failed (DEPTH_ZERO_SELF_SIGNED_CERT)",
      fault: "tls-failed",
    });
    expect({ requests, bytes }).toEqual({ requests: 0, bytes: 0 });
  });

  it("when the certificate is another host's", async () => {
    const { post } = setup();
    const { port } = await listen(createTlsServer(createTrustedCertificate("other.example")));
    expect(await post(`https://localhost:${port}/`)).toEqual({
      kind: "unsent",
      detail: "TLS failed (ERR_TLS_CERT_ALTNAME_INVALID)",
      fault: "tls-failed",
    });
  });

  it("when the caller gives it up", async () => {
    const { post } = setup();
    const server = await serveHttp((_, response) => response.end());
    const dropped = { kind: "unsent", detail: "the caller gave the request up" };
    expect(await post(`http://127.0.0.1:${server.port}/`, { signal: AbortSignal.abort() })).toEqual(dropped);
    expect(server.connections()).toBe(0);
  });

  it("when no time is left for it", async () => {
    const { post } = setup();
    const server = await serveHttp((_, response) => response.end());
    expect(await post(`http://127.0.0.1:${server.port}/`, { timeLimitMs: 0 })).toEqual({
      kind: "unsent",
      detail: "no time was left",
    });
    expect(server.connections()).toBe(0);
  });
});

describe("a request that had a connection may have arrived", () => {
  it("when the connection is reset at the request's first byte", async () => {
    const { post } = setup();
    const { port } = await serveTcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect(await post(`http://127.0.0.1:${port}/`)).toEqual({
      kind: "unanswered",
      detail: "the connection was lost before an answer (ECONNRESET)",
    });
  });

  it("whenever the other side read a byte of it, at whatever moment it resets", async () => {
    const { post } = setup();
    const read: number[] = [];
    const moments: ((reset: () => void, socket: Socket) => void)[] = [
      (reset) => reset(),
      (reset) => process.nextTick(reset),
      (reset) => setImmediate(reset),
      (reset, socket) => socket.once("data", reset),
      (reset) => setTimeout(reset, 1),
    ];
    const { port } = await serveTcp((socket) => {
      const mine = read.push(0) - 1;
      socket.on("data", (data) => {
        read[mine] = data.length;
      });
      moments[mine % moments.length]?.(() => socket.resetAndDestroy(), socket);
    });
    for (let n = 0; n < 50; n += 1) {
      const { kind } = await post(`http://127.0.0.1:${port}/`, { fresh: true });
      expect(["unsent", "unanswered"]).toContain(kind);
      if (kind === "unsent") expect(read[n] ?? 0).toBe(0);
    }
  });

  it("when the connection is closed after the request", async () => {
    const { post } = setup();
    const { port } = await serveHttp((request) => request.socket.destroy());
    expect(await post(`http://127.0.0.1:${port}/`)).toEqual({
      kind: "unanswered",
      detail: "the connection was lost before an answer (ECONNRESET)",
    });
  });

  it("when no answer comes in time", async () => {
    const { post } = setup();
    const { port } = await serveHttp(() => {});
    expect(await post(`http://127.0.0.1:${port}/`, { timeLimitMs: 100 })).toEqual({
      kind: "unanswered",
      detail: "no whole answer in time",
    });
  });

  it("when the answer begins and does not end in time", async () => {
    const { post } = setup();
    const { port } = await serveHttp((_, response) => response.writeHead(200, { "content-length": 10 }).write("half"));
    expect(await post(`http://127.0.0.1:${port}/`, { timeLimitMs: 200 })).toEqual({
      kind: "unanswered",
      status: 200,
      detail: "no whole answer in time",
    });
  });

  it.each([
    ["a stated length", { "content-length": "10" }],
    ["chunks", { "transfer-encoding": "chunked" }],
  ])("when the answer is cut off, by %s", async (_, headers) => {
    const { post } = setup();
    const { port } = await serveHttp((request, response) => {
      response.writeHead(202, headers);
      response.write("half", () => request.socket.end());
    });
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({
      kind: "unanswered",
      status: 202,
      detail: expect.stringContaining("cut off"),
    });
  });

  it("when the answer is not HTTP", async () => {
    const { post } = setup();
    const { port } = await serveTcp((socket) => socket.end("SSH-2.0-OpenSSH_9.7\r\n"));
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: "unanswered" });
  });

  it("when the caller gives it up", async () => {
    const { post } = setup();
    const leaving = new AbortController();
    const { port } = await serveHttp(() => leaving.abort());
    expect(await post(`http://127.0.0.1:${port}/`, { signal: leaving.signal })).toEqual({
      kind: "unanswered",
      detail: "the caller gave the request up",
    });
  });

  it("when the pool is closed under it", async () => {
    const { http, post } = setup();
    const { port } = await serveHttp(() => http.close());
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: "unanswered" });
  });
});

describe("answers", () => {
  it("are redirects too: nothing is followed", async () => {
    const { post } = setup();
    const elsewhere = await serveHttp((_, response) => response.end());
    const { port } = await serveHttp((_, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${elsewhere.port}/` }).end(),
    );
    expect(await post(`http://127.0.0.1:${port}/`, { headers: { Authorization: "Bearer x" } })).toMatchObject({
      kind: "answered",
      status: 307,
    });
    expect(elsewhere.connections()).toBe(0);
  });

  it("are read to 64 KiB and no further", async () => {
    const { post } = setup();
    const { port } = await serveHttp((_, response) => response.writeHead(400).end(Buffer.alloc(1_000_000, "x")));
    const reply = await post(`http://127.0.0.1:${port}/`);
    expect(reply).toMatchObject({ kind: "answered", status: 400, cut: true });
  });

  it("carry no content type of ours where nothing is sent", async () => {
    const { post } = setup();
    const { port } = await serveHttp((request, response) => response.end(JSON.stringify(request.headers)));
    const reply = await post(`http://127.0.0.1:${port}/`);
    const headers = JSON.parse(reply.kind === "answered" ? reply.body : "{}");
    expect(headers).toMatchObject({ accept: "application/json", "content-length": "0" });
    expect(headers).not.toHaveProperty("content-type");
  });
});
