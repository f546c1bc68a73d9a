/** The commands of the runbooks, as they are written there, given to a shell beside Baton's processes. */
import { readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { startBatonOn } from "./world/baton-on-redis.ts";
import { ROOT, readGuide, sectionOf, startShell } from "./world/guide.ts";
import { startProcess } from "./world/process.ts";
import { eventually, startRedisServer } from "./world/redis-server.ts";

/** A command is a process of its own: two dozen of them take a while where much else runs. Milliseconds. */
const SLOW = { timeout: 240_000 };
/** They ask what a test does not have: a cluster of Kubernetes, and the machine's own clock. */
const OF_OTHERS = /^(?:kubectl|chronyc) /;
/** Longer than any test: what waits for a pause does not die meanwhile. Milliseconds. */
const DEADLINE_MS = 600_000;
const REFUSED_CONTACT = "401";
const UNSURE_CONTACT = "502";

/** Row is a line of a runbook's Diagnosis; `answer` is what the command says where all is well. */
interface Row {
  readonly alert: string;
  readonly command: string;
  readonly answer: string;
}

const ROWS: readonly Row[] = readdirSync(join(ROOT, "docs/runbooks")).flatMap((file) => {
  const table = sectionOf(readGuide(`docs/runbooks/${file}`), "Diagnosis").matchAll(/^\| `(.+)` \| (.+) \|$/gm);
  return [...table].map(([, command = "", answer = ""]) => ({
    alert: file.replace(".md", ""),
    command: command.replaceAll("\\|", "|"),
    answer,
  }));
});
/** Those that can be run here; several runbooks have some of them. */
const RUN_HERE = ROWS.filter(({ command }) => !OF_OTHERS.test(command));

/** wordsOf gives what a healthy answer holds and what it does not; after `or` or `else` comes another one. */
function wordsOf({ answer }: Row) {
  const [usual = ""] = answer.split(/, or |; else /);
  const words = [...usual.matchAll(/(no )?`([^`]+)`/g)];
  return {
    there: words.flatMap(([, no, word = ""]) => (no === undefined ? [word] : [])),
    missing: words.flatMap(([, no, word = ""]) => (no === undefined ? [] : [word])),
  };
}

function isHealthy(row: Row, said: string): boolean {
  const { there, missing } = wordsOf(row);
  return there.every((word) => said.includes(word)) && !missing.some((word) => said.includes(word));
}

async function setup() {
  const redis = await startRedisServer(["--maxmemory", "512mb"]);
  const baton = await startBatonOn(redis.url, { connector: { delivery: { deadlineMs: DEADLINE_MS } } });
  const admin = await startProcess("admin", baton.env);
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: baton.env.BATON_ADMIN_KEY });
  const handoff = await baton.client.send({ contactId: "1" }, { waitMs: 10_000 });
  const [ingress, worker] = [new URL(baton.ingress.url).host, new URL(baton.worker.url).host];
  const here: Readonly<Record<string, string>> = {
    "<connector>": baton.connector.id,
    "<id of the most urgent one>": handoff.id,
    "<ingress>:8080": ingress,
    "<worker>:8082": worker,
    "<process>:<port>": worker,
  };
  const env = {
    ...baton.env,
    BATON_ADMIN_URL: admin.url,
    BATON_INGRESS_URL: baton.ingress.url,
    PATH: [join(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter),
  };
  const asHere = (command: string) =>
    Object.entries(here).reduce((text, [placeholder, value]) => text.replaceAll(placeholder, value), command);
  /** ask gives what each command says, on stdout and stderr, whatever its exit code. */
  async function ask(rows: readonly Row[]): Promise<ReadonlyMap<string, string>> {
    const said = new Map<string, string>();
    for (const { command } of rows) {
      if (said.has(command)) continue;
      const { stdout, stderr } = await startShell([asHere(command)], { env }).ended;
      said.set(command, stdout + stderr);
    }
    return said;
  }
  return { redis, baton, admin, operator, ask };
}

type Setup = Awaited<ReturnType<typeof setup>>;

/** expectTrouble holds that every command of these runbooks says something else than where all is well. */
async function expectTrouble({ ask }: Setup, alerts: readonly string[]): Promise<void> {
  const rows = RUN_HERE.filter(({ alert }) => alerts.includes(alert));
  const said = await ask(rows);
  for (const row of rows) {
    const answer = said.get(row.command) ?? "";
    expect.soft(isHealthy(row, answer), `${row.alert}: ${row.command} said\n${answer}`).toBe(false);
  }
}

it("say in each runbook how a healthy answer looks, to each command", () => {
  expect(new Set(ROWS.map(({ alert }) => `${alert}.md`))).toEqual(new Set(readdirSync(join(ROOT, "docs/runbooks"))));
  for (const row of ROWS) {
    const { there, missing } = wordsOf(row);
    expect.soft(there.length + missing.length, `${row.alert}: ${row.command}`).toBeGreaterThan(0);
  }
});

it("are answered as the runbooks say by a Baton that is well", SLOW, async () => {
  const { ask } = await setup();
  const said = await ask(RUN_HERE);
  for (const row of RUN_HERE) {
    const answer = said.get(row.command) ?? "";
    expect
      .soft(isHealthy(row, answer), `${row.alert}: ${row.command} is to say ${row.answer}, and said\n${answer}`)
      .toBe(true);
  }
});

it("are answered otherwise while callers suffer, while Redis is gone, and once the processes are", SLOW, async () => {
  const world = await setup();
  const { baton, admin, redis } = world;
  await sufferAtCxone(world);
  await expectTrouble(world, AT_CXONE);
  await redis.kill();
  await eventually(async () => (await fetch(`${baton.ingress.url}/readyz`)).status, 503);
  await expectTrouble(world, WITHOUT_REDIS);
  for (const { child } of [baton.ingress, baton.worker, admin]) child.kill("SIGKILL");
  await expectTrouble(world, WITHOUT_PROCESSES);
  expect([...AT_CXONE, ...WITHOUT_REDIS, ...WITHOUT_PROCESSES].toSorted()).toEqual(
    [...new Set(ROWS.map(({ alert }) => alert))].toSorted(),
  );
});

const AT_CXONE = [
  ...["BatonBreakerOpen", "BatonBurnFast", "BatonBurnSlow", "BatonCredentialsRefused", "BatonDeadLettersRising"],
  ...["BatonPausedLong", "BatonPossibleDuplicates", "BatonRunStuck"],
];
const WITHOUT_REDIS = ["BatonRedisDown", "BatonRefusing"];
const WITHOUT_PROCESSES = [
  ...["BatonClockOff", "BatonDeadlineAtRisk", "BatonGone", "BatonNoWorker", "BatonNothingMoves"],
  "BatonRedisMemoryHigh",
];

/**
 * sufferAtCxone has a contact signalled twice, another whose handoff dies and dies again, CXone refuse the keys, and an
 * operator who pauses the connector under a run.
 */
async function sufferAtCxone({ baton: { simulator, client, connector }, operator }: Setup): Promise<void> {
  simulator.answer({ on: "signal", contactId: REFUSED_CONTACT, status: 401 });
  simulator.answer({ on: "signal", contactId: UNSURE_CONTACT, status: 502, times: 1 });
  await client.send({ contactId: UNSURE_CONTACT }, { waitMs: 10_000 });
  const { id } = await client.send({ contactId: REFUSED_CONTACT });
  const hasDied = async () => (await operator.handoff(id)).status === "dead";
  await eventually(hasDied, true);
  await operator.replay(id);
  await eventually(hasDied, true);
  await operator.pauseConnector(connector.id);
  // Until the worker knows of the pause, it sends.
  await eventually(async () => (await client.send({ contactId: "2" }, { waitMs: 1_000 })).waitingFor, "pause");
  simulator.answer({ on: "token", status: 401 });
  await operator.startRun("replay", { filter: {}, all: true, note: "too early" });
}
