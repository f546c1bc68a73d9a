import { setTimeout as sleep } from "node:timers/promises";
import { createBatonClient, type HandoffJson } from "@baton/api";
import { expect, it } from "vitest";
import { type RunningProcess, startProcess } from "./world/process.ts";
import { createWorld, ended } from "./world/world.ts";

async function setup(environment: Record<string, string> = {}) {
  const world = await createWorld({ BATON_SHUTDOWN_MS: "10000", ...environment });
  const { token } = await world.createConnector();
  const client = (ingressUrl: string) => createBatonClient({ ingressUrl, token });
  return { ...world, client };
}

it("finishes what is in flight when a worker gets a signal to stop, and exits 0", async () => {
  const { env, simulator, startIngress, client } = await setup();
  const baton = client((await startIngress()).url);
  const worker = await startProcess("worker", env);
  simulator.answer({ on: "signal", contactId: "1", delayMs: 1_000, times: 1 });
  const { id } = await baton.send({ contactId: "1" });
  await simulator.untilSignals(1);

  expect(await worker.stop()).toBe(0);
  expect(await baton.get(id)).toMatchObject({ status: "delivered", attempts: [{ outcome: "accepted" }] });
  expect(simulator.signals()).toHaveLength(1);
});

it("answers 202 to all that wait when an ingress gets a signal to stop, and exits 0", async () => {
  const { env, client } = await setup();
  const ingress = await startProcess("ingress", env);
  const waiting = client(ingress.url).send({ contactId: "1" }, { waitMs: 30_000 });
  // The request is known to wait once a second reader sees its handoff; no worker runs, so it stays queued.
  await expect
    .poll(async () => (await fetch(`${ingress.url}/metrics`)).text())
    .toMatch(/baton_handoffs_accepted_total\{[^}]*\} 1/);

  expect(await ingress.stop()).toBe(0);
  expect((await waiting).status).toBe("queued");
});

it("turns readiness off first, and serves on while it drains", async () => {
  const { env, client } = await setup({ BATON_DRAIN_MS: "3000" });
  const ingress = await startProcess("ingress", env);
  const stopped = ingress.stop();
  await expect.poll(async () => (await fetch(`${ingress.url}/readyz`)).status).toBe(503);
  expect((await client(ingress.url).send({ contactId: "1" })).status).toBe("queued");
  expect(await stopped).toBe(0);
});

it("refuses and loses nothing while three workers and two ingresses are restarted one by one under load", {
  timeout: 180_000,
}, async () => {
  const { env, simulator, client } = await setup({ BATON_DRAIN_MS: "1500" });
  const workers = await Promise.all([1, 2, 3].map(() => startProcess("worker", env)));
  const ingresses = await Promise.all([1, 2].map(() => startProcess("ingress", env)));
  const load = startLoad(() => ingresses, client);

  for (const [i, worker] of workers.entries()) {
    const [code, next] = await Promise.all([worker.stop(), startProcess("worker", env)]);
    expect(code).toBe(0);
    workers[i] = next;
  }
  for (const [i, ingress] of ingresses.entries()) {
    const next = await startProcess("ingress", env);
    expect(await ingress.stop()).toBe(0);
    ingresses[i] = next;
  }
  const accepted = await load.stop();

  expect(accepted.length).toBeGreaterThan(50);
  const reader = client(ingresses[0]?.url ?? "");
  const all = await Promise.all(accepted.map(({ id }) => ended(reader, id)));
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set(["delivered"]));
  expect(simulator.signals()).toHaveLength(accepted.length);
});

/** Sends a handoff every 40 ms to an ingress that is ready, as a load balancer would; any refusal fails the test. */
function startLoad(
  ingresses: () => readonly RunningProcess[],
  client: (url: string) => ReturnType<typeof createBatonClient>,
) {
  let running = true;
  const sent: Promise<HandoffJson>[] = [];
  const looping = (async () => {
    for (let i = 0; running; i++) {
      const url = await readyOne(ingresses().toSpliced(0, 0), i);
      const handoff = client(url).send({ contactId: String(10_000 + i) });
      handoff.catch(() => undefined);
      sent.push(handoff);
      await sleep(40);
    }
  })();
  return {
    async stop(): Promise<readonly HandoffJson[]> {
      running = false;
      await looping;
      return Promise.all(sent);
    },
  };
}

async function readyOne(ingresses: readonly RunningProcess[], turn: number): Promise<string> {
  for (let i = turn; ; i++) {
    const { url } = ingresses[i % ingresses.length] ?? { url: "" };
    const ready = await fetch(`${url}/readyz`).catch(() => undefined);
    if (ready?.status === 200) return url;
  }
}
