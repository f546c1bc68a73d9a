import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { runBaton } from "../apps/cli/testing/run-baton.ts";
import { startBaton } from "./world/baton.ts";
import { startProcess } from "./world/process.ts";
import { createWorld, ended } from "./world/world.ts";

const HOUR_MS = 3_600_000;

/** Moves what a process takes for the time of day, and leaves its monotonic clock alone. */
function clockAheadBy(ms: number): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=data:text/javascript,const%20now=Date.now;Date.now=()=>now()+${ms}` };
}

it("lets a worker whose clock is an hour ahead take nothing, say so, and be not ready", async () => {
  const world = await createWorld();
  const { token } = await world.createConnector();
  const { url } = await world.startIngress();
  const baton = createBatonClient({ ingressUrl: url, token });
  const early = await startProcess("worker", { ...world.env, ...clockAheadBy(HOUR_MS) });

  await expect.poll(async () => (await fetch(`${early.url}/readyz`)).status).toBe(503);
  const problem = (await (await fetch(`${early.url}/readyz`)).json()) as { detail: string };
  expect(problem.detail).toMatch(/clock is 3[56]\d{5} ms off/);
  await expect.poll(() => early.lines.some(({ msg }) => msg === "not ready")).toBe(true);
  const accepted = await baton.send({ contactId: "1" });
  const waited = await baton.get(accepted.id, { waitMs: 2_000 });
  expect(waited.status).toBe("queued");

  await world.startWorker();
  expect((await ended(baton, accepted.id)).status).toBe("delivered");
  expect(early.lines.filter(({ msg }) => msg === "attempt")).toEqual([]);
});

it("has the doctor find that the worker that is alive takes nothing, as long as no other does", async () => {
  const world = await createWorld();
  const { token } = await world.createConnector();
  const [{ url: ingressUrl }, admin] = [await world.startIngress(), await world.startAdmin()];
  const baton = createBatonClient({ ingressUrl, token, adminUrl: admin.url, adminKey: admin.key });
  await startProcess("worker", { ...world.env, ...clockAheadBy(HOUR_MS) });
  await expect.poll(async () => (await baton.overview()).workers, { timeout: 10_000 }).toBe(1);
  const { id } = await baton.send({ contactId: "1", deadlineMs: HOUR_MS });
  const examine = async () => {
    const env = { BATON_ADMIN_URL: admin.url, BATON_ADMIN_KEY: admin.key };
    return (await runBaton(["doctor"], { env })).stdout.replaceAll(/\s+/g, " ");
  };
  const standstill = "1 handoff could be sent now, and the worker that is alive takes none";
  expect(await examine()).toContain(standstill);
  await world.startWorker();
  expect((await ended(baton, id)).status).toBe("delivered");
  expect(await examine()).not.toContain(standstill);
}, 60_000);

it("says that a connector is paused until the pause ends, where admin's clock is an hour ahead", async () => {
  const world = await createWorld();
  const { connector } = await world.createConnector();
  const admin = await startProcess("admin", { ...world.env, ...clockAheadBy(HOUR_MS) });
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: world.env.BATON_ADMIN_KEY });
  const until = new Date(Date.now() + HOUR_MS / 2).toISOString();
  const paused = { paused: true, pausedUntil: until };
  expect(await operator.pauseConnector(connector.id, { until })).toMatchObject(paused);
  expect(await operator.connector(connector.id)).toMatchObject(paused);
  expect((await operator.connectors()).items).toMatchObject([paused]);
  expect((await operator.overview()).connectors).toMatchObject([paused]);
});

it("keeps an ingress whose clock is an hour behind from promising deadlines of its own", async () => {
  const world = await createWorld();
  const { token } = await world.createConnector();
  const late = await startProcess("ingress", { ...world.env, ...clockAheadBy(-HOUR_MS) });
  await world.startWorker();
  const baton = createBatonClient({ ingressUrl: late.url, token });

  expect((await fetch(`${late.url}/readyz`)).status).toBe(503);
  const before = Date.now();
  const { id, acceptedAt } = await baton.send({ contactId: "1" });
  expect(Date.parse(acceptedAt)).toBeGreaterThanOrEqual(before - 1_000);
  expect((await ended(baton, id)).status).toBe("delivered");
});

it.each([
  { where: "ahead", offsetMs: HOUR_MS },
  { where: "behind", offsetMs: -HOUR_MS },
])("keeps a cause acknowledged, and opens it again, where admin's clock is an hour $where", async ({ offsetMs }) => {
  const baton = await startBaton();
  const admin = await startProcess("admin", { ...baton.env, ...clockAheadBy(offsetMs) });
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: baton.env.BATON_ADMIN_KEY });
  const readCauses = async () => (await operator.causes()).items;
  baton.simulator.answer({ status: 404 });
  const { id } = await baton.deliver();
  const [{ cause = "" } = {}] = await readCauses();
  const before = Date.now();
  await operator.patchCause(cause, { state: "acknowledged", note: "CXone case 4711" });
  const [acknowledged] = await readCauses();
  expect(acknowledged).toMatchObject({ cause, state: "acknowledged" });
  expect(Math.abs(Date.parse(acknowledged?.changedAt ?? "") - before)).toBeLessThan(HOUR_MS / 2);

  await operator.discard(id);
  expect(await readCauses()).toEqual([]);
  await baton.deliver();
  expect(await readCauses()).toMatchObject([{ cause, state: "open", reopenedAt: expect.any(String) }]);
});
