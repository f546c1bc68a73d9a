/** Alerts and dashboards, seen by a real Prometheus and Alertmanager while an outage of CXone begins and ends. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { CONTACT, startBaton } from "./world/baton.ts";
import { ROOT } from "./world/guide.ts";
import { alertsWhileItLasts } from "./world/outage-guide.ts";
import { type Alert, startMonitoring } from "./world/prometheus.ts";
import { eventually, startRedisServer } from "./world/redis-server.ts";

/** An alert waits for its rule, then for Alertmanager's group. Milliseconds. */
const POLL = { timeout: 120_000, interval: 1_000 };
const DASHBOARDS = join(ROOT, "deploy/grafana/dashboards");
/** Long enough that the first alert comes while callers can still be helped. Milliseconds. */
const DEADLINE_MS = 40_000;

/** The alerts of an outage of CXone, as docs/outage.md tells it; the first pages while callers can still be helped. */
const OUTAGE = alertsWhileItLasts();

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

async function setup() {
  const redis = await startRedisServer(["--maxmemory", "512mb"]);
  const baton = await startBaton({ delivery: { rate: null, deadlineMs: DEADLINE_MS } }, { BATON_REDIS_URL: redis.url });
  const admin = await baton.startAdmin();
  const targets = { "baton-ingress": baton.ingressUrl, "baton-worker": baton.worker.url, "baton-admin": admin.url };
  return {
    redis,
    baton,
    monitoring: await startMonitoring(targets),
    operator: createBatonClient({ adminUrl: admin.url, adminKey: admin.key }),
  };
}

it("shows an outage of CXone by its alerts and no others, with their links, answers every panel, and ends", async () => {
  const { baton, monitoring, operator } = await setup();
  await baton.sendMany(30);
  baton.simulator.answer({ on: "signal", status: 503 });
  await baton.sendMany(30);
  const seen = new Map<string, Alert>();
  const alerts = async () => {
    for (const alert of await monitoring.alerts()) seen.set(alert.name, alert);
    return [...seen.keys()].toSorted();
  };
  await expect.poll(alerts, POLL).toEqual(OUTAGE);
  for (const alert of seen.values()) await expectLinksToLead(alert);
  baton.simulator.repair();
  await operator.resumeConnector(baton.connector.id);
  await everythingElse(baton, operator);
  await expectEveryPanelToHaveData(monitoring, baton.connector.id);
  await baton.sendMany(30);
  await expect.poll(() => monitoring.alerts(), POLL).toEqual([]);
}, 600_000);

it("says once that Redis is gone, and nothing of what follows from it", async () => {
  const { redis, monitoring } = await setup();
  await redis.kill();
  const names = async () => (await monitoring.alerts()).map(({ name }) => name);
  await expect.poll(names, POLL).toEqual(["BatonRedisDown"]);
  await redis.start();
  await expect.poll(() => monitoring.alerts(), POLL).toEqual([]);
}, 600_000);

/** everythingElse happens once: what no outage shows, and some panel does. */
async function everythingElse({ simulator, client, deliver }: Setup["baton"], operator: Setup["operator"]) {
  await expect(client.send({ contactId: "no number" })).rejects.toThrow("contactId");
  simulator.answer({ on: "signal", contactId: CONTACT, reset: "after", times: 1 });
  expect(await deliver()).toMatchObject({ status: "delivered", possibleDuplicate: true });
  const plan = await operator.planRun("replay", { filter: {}, all: true });
  await operator.startRun("replay", { planId: plan.planId, note: "CXone is repaired" });
}

/** expectLinksToLead follows an alert's links: to its own runbook, and to the console. */
async function expectLinksToLead({ name, runbookUrl, consoleUrl }: Alert): Promise<void> {
  expect(await (await fetch(runbookUrl)).text()).toMatch(new RegExp(`^# ${name}\n`));
  const page = await fetch(consoleUrl, { headers: { accept: "text/html" } });
  expect([consoleUrl, page.status, page.headers.get("content-type")]).toEqual([
    consoleUrl,
    200,
    expect.stringContaining("text/html"),
  ]);
}

type Setup = Awaited<ReturnType<typeof setup>>;
type Monitoring = Setup["monitoring"];

async function expectEveryPanelToHaveData(monitoring: Monitoring, connector: string): Promise<void> {
  for (const { title, expr } of panelQueries()) {
    // Every environment is chosen, as it is where Prometheus knows no namespaces.
    const chosen = { $__rate_interval: "1m", $connector: connector, $namespace: ".*" };
    const expression = Object.entries(chosen).reduce((text, [name, value]) => text.replaceAll(name, value), expr);
    await eventually(async () => (await monitoring.query(expression)).length > 0, true).catch(() => {
      throw new Error(`the panel "${title}" has no data for ${expression}`);
    });
  }
}

function panelQueries(): readonly { readonly title: string; readonly expr: string }[] {
  return readdirSync(DASHBOARDS).flatMap((file) => {
    const { panels } = JSON.parse(readFileSync(join(DASHBOARDS, file), "utf8")) as {
      readonly panels: readonly Panel[];
    };
    return panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
  });
}
