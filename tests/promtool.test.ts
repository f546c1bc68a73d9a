/** The metrics of every process, as Prometheus's own linter reads them. */
import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { startBaton } from "./world/baton.ts";
import { eventually } from "./world/redis-server.ts";

/** Long enough for a scrape, and shorter than an attempt. Milliseconds. */
const SIGNAL_MS = 2_000;

async function setup() {
  const baton = await startBaton();
  const admin = await baton.startAdmin();
  baton.simulator.answer({ on: "signal", contactId: "404", status: 404 });
  await Promise.all([baton.deliver(), baton.deliver({ contactId: "404" })]);
  const scrape = async (url: string) => (await fetch(`${url}/metrics`)).text();
  const [ingress, worker] = [() => scrape(baton.ingressUrl), () => scrape(baton.worker.url)];
  await eventually(async () => /^baton_handoffs_ended_total\{.*rejected.*\} 1$/m.test(await worker()), true);
  return { connector: baton.connector, ingress, worker, admin: () => scrape(admin.url) };
}

it("finds nothing to complain of in any of them", async () => {
  const { ingress, worker, admin } = await setup();
  for (const scrape of [ingress, worker, admin]) {
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
      input: await scrape(),
      encoding: "utf8",
    });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
  }
});

it("are, on every process, how Redis answers, the version, and the process's own", async () => {
  const { ingress, worker, admin } = await setup();
  for (const scrape of [ingress, worker, admin]) {
    const text = await scrape();
    for (const line of [
      /^baton_redis_up 1$/m,
      /^baton_clock_offset_seconds \S+$/m,
      /^baton_build_info\{version="[^"]+"\} 1$/m,
      /^baton_redis_round_trip_seconds_count [1-9]\d*$/m,
      /^process_cpu_seconds_total \S+$/m,
      /^nodejs_eventloop_lag_seconds \S+$/m,
    ]) {
      expect.soft(text).toMatch(line);
    }
  }
});

it("are, on the worker, its slots and how long a handoff waited for its first attempt", async () => {
  const { connector, worker } = await setup();
  const text = await worker();
  expect(text).toMatch(/^baton_worker_slots_limit 256$/m);
  expect(text).toMatch(/^baton_worker_slots_used 0$/m);
  expect(text).toContain(`baton_first_attempt_wait_seconds_count{connector="${connector.id}"} 2\n`);
  expect(text).toMatch(/^baton_stalled_total 0$/m);
});

it("show how many of a worker's slots are used while CXone takes its time", async () => {
  const { simulator, send, ended, worker } = await startBaton();
  const used = async () =>
    /^baton_worker_slots_used (\d+)$/m.exec(await (await fetch(`${worker.url}/metrics`)).text())?.[1];
  simulator.answer({ on: "signal", delayMs: SIGNAL_MS });
  const sent = await send();
  await eventually(used, "1");
  await ended(sent);
  await eventually(used, "0");
});

it("are, on admin, the connectors by name, and Redis's memory", async () => {
  const { connector, admin } = await setup();
  const text = await admin();
  expect(text).toContain(`baton_connector_info{connector="${connector.id}",name="test"} 1\n`);
  expect(text).toContain(`baton_queued{connector="${connector.id}"} 0\n`);
  expect(text).toContain(`baton_dead_letters{connector="${connector.id}",reason="rejected"} 1\n`);
  expect(text).toMatch(/^baton_workers 1$/m);
  expect(text).toMatch(/^baton_redis_memory_bytes [1-9]\S*$/m);
  expect(text).toMatch(/^baton_redis_memory_limit_bytes \d+$/m);
});
