/** Bodies that arrive long after their heads: what a client takes to send is not counted as Redis being away. */
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { startIntake } from "./world/baton.ts";
import { startRedisServer } from "./world/redis-server.ts";

/** UPLOAD_MS is more than a request may wait for Redis. */
const UPLOAD_MS = 1_000;

async function setup(environment: Readonly<Record<string, string>> = {}) {
  const { ingressUrl, token, send } = await startIntake({}, environment);
  const { hostname, port } = new URL(ingressUrl);
  /** Sends the head, waits, calls `beforeBody`, sends the body, and gives status and parsed body of the answer. */
  const upload = async (path: string, sent: unknown, beforeBody = () => {}) => {
    const body = JSON.stringify(sent);
    const socket = connect(Number(port), hostname);
    const answered = text(socket);
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n`);
    socket.write(`Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`);
    await sleep(UPLOAD_MS);
    beforeBody();
    socket.write(body);
    const [head = "", json = ""] = (await answered).split("\r\n\r\n");
    return { status: Number(head.split(" ")[1]), json: JSON.parse(json) };
  };
  return { upload, send };
}

const handoff = (index = 0) => ({ contactId: String(100_000_000_000 + index) });

it("accepts a handoff whose body comes a second after its head", async () => {
  const { upload } = await setup();
  expect(await upload("/v1/handoffs", handoff())).toMatchObject({ status: 202, json: { status: "queued" } });
});

it("accepts each handoff of a batch whose body comes a second after its head", async () => {
  const { upload } = await setup();
  const { status, json } = await upload("/v1/handoffs/batch", { handoffs: [handoff(1), handoff(2)] });
  expect(status).toBe(200);
  expect(json.results).toMatchObject([{ status: 202 }, { status: 202 }]);
});

it("answers 503 to such a body once Redis hangs", async () => {
  const redis = await startRedisServer();
  const { upload, send } = await setup({ BATON_REDIS_URL: redis.url });
  // So that the token is known: it is the handoff itself that waits for Redis.
  await send();
  const answer = await upload("/v1/handoffs", handoff(1), () => redis.hang());
  redis.resume();
  expect(answer).toMatchObject({ status: 503, json: { type: "urn:baton:problem:queue-unavailable" } });
});
