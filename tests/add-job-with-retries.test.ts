/** A Redis that goes between acceptance and job of a handoff: it is sent in time, as soon as Redis is back. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { createBatonClient } from "@baton/api";
import { expect, it, onTestFinished } from "vitest";
import { CONTACT, startBaton } from "./world/baton.ts";

/** Shorter than the reconciler waits before it looks at a handoff. Milliseconds. */
const DEADLINE_MS = 4_500;

/**
 * losePlacement stands before Redis, and drops the connection in the place of the first command that names a handoff
 * without its contact: the one that follows its acceptance.
 */
async function losePlacement(redisUrl: string) {
  const { hostname, port } = new URL(redisUrl);
  let lost = 0;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname).on("error", () => undefined);
    near.on("error", () => undefined).on("close", () => far.destroy());
    far.on("close", () => near.destroy()).pipe(near);
    near.on("data", (bytes) => {
      const command = bytes.toString("latin1");
      if (lost > 0 || !command.includes("ho_") || command.includes(CONTACT)) far.write(bytes);
      else {
        lost += 1;
        near.destroy();
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, lost: () => lost };
}

it("sends a handoff in time whose job was lost with the connection to Redis right after it was accepted", async () => {
  const { redisUrl, startIngress, token, ended } = await startBaton();
  const { url, lost } = await losePlacement(redisUrl);
  const ingress = await startIngress({ BATON_REDIS_URL: url });
  const client = createBatonClient({ ingressUrl: ingress.url, token });
  const handoff = await client.send({ contactId: CONTACT, deadlineMs: DEADLINE_MS });
  expect(lost()).toBe(1);
  expect(await ended(handoff)).toMatchObject({ status: "delivered" });
});
