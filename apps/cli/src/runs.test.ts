/** Runs from the command line, and an outage as docs/operations.md describes it, on processes that run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { startBatonWithConnector } from "../testing/live-baton.ts";
import { type Env, runBaton, startBatonOnTerminal } from "../testing/run-baton.ts";

/** A command is a process of its own: a dozen of them take a while where much else runs. */
const SLOW = { timeout: 180_000 };
const OPERATIONS = join(import.meta.dirname, "../../../docs/operations.md");

/** startAfterOutage has `count` dead letters of one cause, and a CXone that is well again. */
async function startAfterOutage(count: number) {
  const world = await startBatonWithConnector();
  const { env, simulator } = world;
  const fault = simulator.answer({ on: "signal", status: 404 });
  const project = createBatonClient({ ingressUrl: env.BATON_INGRESS_URL, token: env.BATON_TOKEN });
  await Promise.all(
    Array.from({ length: count }, (_, i) =>
      project.send({ contactId: String(200_000_000_000 + i) }, { waitMs: 30_000 }),
    ),
  );
  simulator.withdraw(fault);
  const operator = createBatonClient({ adminUrl: env.BATON_ADMIN_URL, adminKey: env.BATON_ADMIN_KEY });
  const { items } = await operator.causes();
  return { ...world, operator, cause: items[0]?.cause ?? "" };
}

async function json(args: readonly string[], env: Env) {
  const { stdout, stderr } = await runBaton([...args, "--json"], { env });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

/** commandsOf reads the commands of an outage as they are written for people. */
function commandsOf(text: string): readonly (readonly string[])[] {
  const [, block = ""] = /## An outage.*?```sh\n([^`]*)```/s.exec(text) ?? [];
  const words = (line: string) =>
    [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? "");
  return block.trim().split("\n").map(words);
}

it("ends an outage by the five commands of docs/operations.md, as they are written there", SLOW, async () => {
  const { env, simulator, operator } = await startAfterOutage(8);
  const commands = commandsOf(readFileSync(OPERATIONS, "utf8"));
  expect(commands.length).toBeLessThanOrEqual(5);
  const known = new Map<string, string>();
  for (const [baton, ...args] of commands) {
    expect(baton).toBe("baton");
    const command = startBatonOnTerminal(
      args.map((word) => known.get(word) ?? word),
      { env },
    );
    void command.until(/\[y\/N\] /).then(
      () => command.type("y\r"),
      () => undefined,
    );
    const { code, stdout } = await command.ended;
    expect({ args, code, stdout }).toMatchObject({ code: 0 });
    for (const [placeholder, pattern] of [
      ["<cause>", /cs_\w+/],
      ["<run>", /rn_\w+/],
    ] as const) {
      const found = pattern.exec(stdout)?.[0];
      if (found !== undefined && !known.has(placeholder)) known.set(placeholder, found);
    }
    if (args.includes("--first"))
      await expect
        .poll(async () => await operator.run("replay", known.get("<run>") ?? ""), { timeout: 30_000 })
        .toMatchObject({ status: "paused", pausedBecause: "first", delivered: 5 });
  }
  expect((await operator.deadLetters()).total).toBe(0);
  expect(simulator.signals()).toHaveLength(16);
  expect((await operator.runs("replay")).items).toMatchObject([{ status: "completed", delivered: 8 }]);
});

it("asks nothing at a terminal after --yes: it wants the note with it", SLOW, async () => {
  const { code, stdout } = await startBatonOnTerminal(["replays", "start", "--all", "--yes"]).ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringContaining("give --note") });
});

it("asks no question without a terminal: it names the flag at once, and counts only with --dry-run", SLOW, async () => {
  const { env, operator, cause } = await startAfterOutage(2);
  const unasked = await runBaton(["replays", "start", "--cause", cause, "--note", "x"], { env });
  expect(unasked).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--yes") });
  const noNote = await runBaton(["replays", "start", "--cause", cause, "--yes"], { env });
  expect(noNote).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--note") });
  const nothing = await runBaton(["discards", "start", "--yes", "--note", "x"], { env });
  expect(nothing).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--all") });
  const slowly = await json(["replays", "start", "--cause", cause, "--rate", "1", "--dry-run"], env);
  expect(slowly).toMatchObject({ kind: "replay", taken: 2, estimateMs: 2_000 });
  const paced = ["--rate", "5", "--first", "1", "--deadline", "30s", "--dry-run"];
  const hint = await runBaton(["replays", "start", "--cause", cause, ...paced], { env });
  expect(hint.stderr).toMatch(/start --plan pl_\w+ --rate 5 --first 1 --deadline 30000ms --note "…"/);
  const plan = await json(["discards", "start", "--cause", cause, "--dry-run"], env);
  expect(plan).toMatchObject({ kind: "discard", matched: 2, taken: 2 });
  expect((await operator.deadLetters()).total).toBe(2);
  const run = await json(["discards", "start", "--plan", plan.planId, "--yes", "--note", "old"], env);
  const watched = await runBaton(["discards", "watch", run.id], { env });
  expect(watched).toMatchObject({ code: 0, stdout: expect.stringMatching(/^done +2 of 2$/m) });
  expect(watched.stderr).toMatch(/2 of 2 · 2 discarded/);
  expect(await json(["discards", "list"], env)).toMatchObject([{ id: run.id, status: "completed", discarded: 2 }]);
  expect(await json(["discards", "items", run.id, "--result", "discarded"], env)).toHaveLength(2);
  expect(await json(["replays", "list"], env)).toEqual([]);
});

it(
  "pauses and resumes a run, asks at a terminal before it cancels one, and lets it go on when the watching ends",
  SLOW,
  async () => {
    const { env, operator, cause } = await startAfterOutage(30);
    const started = await json(["replays", "start", "--cause", cause, "--yes", "--note", "slow", "--rate", "1"], env);
    // A bar would take all of so narrow a terminal.
    const watching = startBatonOnTerminal(["replays", "watch", started.id], { env, columns: 40 });
    await watching.until(/% · \d+ of 30/);
    watching.type("\x03");
    const { code, stdout } = await watching.ended;
    expect(code).toBe(130);
    expect(stdout).toContain(`The run goes on. To stop it: baton replays cancel ${started.id}`);
    expect(await operator.run("replay", started.id)).toMatchObject({ status: "running" });
    expect(await json(["replays", "pause", started.id, "--note", "wait"], env)).toMatchObject({
      pausedBecause: "operator",
    });
    expect(await json(["replays", "rate", started.id, "2"], env)).toMatchObject({ ratePerSecond: 2 });
    const zero = await runBaton(["replays", "rate", started.id, "0"], { env });
    expect(zero).toMatchObject({ code: 2, stderr: expect.stringContaining("pause the run") });
    const unsure = startBatonOnTerminal(["replays", "cancel", started.id], { env });
    await unsure.until(/It cannot be resumed then\. \[y\/N\]/);
    unsure.type("n\r");
    expect((await unsure.ended).code).toBe(1);
    expect(await operator.run("replay", started.id)).toMatchObject({ status: "paused" });
    expect(await json(["replays", "resume", started.id], env)).toMatchObject({ status: "running" });
    expect(await json(["replays", "cancel", started.id], env)).toMatchObject({ status: "cancelled" });
    const shown = await runBaton(["replays", "show", started.id], { env });
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/^status +cancelled$/m) });
    const rest = ["--cause", cause, "--yes", "--note", "old", "--first", "1"];
    const { id } = await json(["discards", "start", ...rest], env);
    expect(await startBatonOnTerminal(["discards", "cancel", id, "--yes"], { env }).ended).toMatchObject({ code: 0 });
    expect(await operator.run("discard", id)).toMatchObject({ status: "cancelled" });
  },
);

it("has the number typed before a discard, and does nothing for another", SLOW, async () => {
  const { env, operator, cause } = await startAfterOutage(3);
  const args = ["discards", "start", "--cause", cause, "--note", "old"];
  const wrong = startBatonOnTerminal(args, { env });
  await wrong.until(/Discard 3\? Type 3 to go on: /);
  wrong.type("y\r");
  expect(await wrong.ended).toMatchObject({ code: 1, stdout: expect.stringContaining("3 was not typed") });
  expect((await operator.deadLetters()).total).toBe(3);
  const { planId } = await operator.planRun("discard", { filter: { cause } });
  const planned = startBatonOnTerminal(["discards", "start", "--plan", planId, "--note", "old"], { env });
  await planned.until(/Discard 3\? Type 3 to go on: /);
  planned.type("y\r");
  const asked = await planned.ended;
  expect(asked).toMatchObject({ code: 1, stdout: expect.stringContaining("3 was not typed") });
  expect(asked.stdout).toContain("3 of 3 dead letters that match");
  expect((await operator.deadLetters()).total).toBe(3);
  const right = startBatonOnTerminal(args, { env });
  await right.until(/Type 3 to go on: /);
  right.type("3\r");
  expect(await right.ended).toMatchObject({ code: 0 });
  await expect.poll(async () => (await operator.deadLetters()).total, { timeout: 30_000 }).toBe(0);
});
