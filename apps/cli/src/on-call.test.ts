/** The commands of an operator on call, on processes that run. */
import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { startBatonWithConnector } from "../testing/live-baton.ts";
import { type Env, runBaton, startBatonOnTerminal } from "../testing/run-baton.ts";

/** A command is a process of its own: a dozen of them take a while where much else runs. */
const SLOW = { timeout: 180_000 };

async function json(args: readonly string[], env: Env) {
  const { stdout, stderr } = await runBaton([...args, "--json"], { env });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

it("says in words what became of a handoff, what it waits for, and what to do", SLOW, async () => {
  const { env, simulator, connectorId } = await startBatonWithConnector();
  simulator.answer({ status: 400, times: 1 });
  const { id: dead } = await json(["send", "100000000001", "--wait", "20s"], env);
  const died = await runBaton(["why", dead], { env });
  expect(died).toMatchObject({ code: 0, stderr: "" });
  expect(died.stdout).toMatch(/Attempt 1: CXone refused this contact or these parameters \(400/);
  expect(died.stdout).toMatch(/It is a dead letter \(rejected\)/);
  expect(died.stdout).toMatch(
    new RegExp(`What to do: CXone refuses .*\`baton dead-letters replay ${dead}\` queues it again`, "s"),
  );

  await expect
    .poll(async () => (await runBaton(["why", dead], { env })).stdout.replaceAll(/\s+/g, " "), { timeout: 20_000 })
    .toMatch(/Baton answered its sender 200 after \d+ ms; it had asked to wait up to 20 s for the end\./);

  const paused = await runBaton(["connectors", "pause", connectorId, "--until", "30m", "--note", "they ask"], { env });
  expect(paused.stdout).toMatch(/It goes on by itself .* \(in (30|29) min\)/);
  let waiting = "";
  // The worker may send one or two before it knows of the pause.
  const sendAndAsk = async () => {
    waiting = (await json(["send", "100000000002", "--deadline", "2h"], env)).id;
    return (await runBaton(["why", waiting], { env })).stdout.replaceAll(/\s+/g, " ");
  };
  await expect
    .poll(sendAndAsk, { timeout: 60_000 })
    .toMatch(/Acme support line is paused by an operator since .* until .*Its deadline is/);
  const story = await json(["why", waiting], env);
  expect(story).toMatchObject({
    id: waiting,
    status: "queued",
    todo: expect.stringContaining("baton connectors resume"),
  });
  const unknown = await runBaton(["why", "ho_nobody"], { env });
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
});

it("names what held one that died, and the replay that followed", SLOW, async () => {
  const { env, connectorId } = await startBatonWithConnector();
  const operator = createBatonClient({ adminUrl: env.BATON_ADMIN_URL, adminKey: env.BATON_ADMIN_KEY });
  await operator.pauseConnector(connectorId);
  const project = createBatonClient({ ingressUrl: env.BATON_INGRESS_URL, token: env.BATON_TOKEN });
  let id = "";
  // The worker may send one or two before it knows of the pause.
  const died = async () => {
    ({ id } = await project.send({ contactId: "100000000003", deadlineMs: 3_000 }, { waitMs: 10_000 }));
    return (await operator.handoff(id)).reason;
  };
  await expect.poll(died, { timeout: 60_000 }).toBe("expired");
  const held = async () => (await runBaton(["why", id], { env })).stdout.replaceAll(/\s+/g, " ");
  await expect
    .poll(held, { timeout: 30_000 })
    .toMatch(/It died: expired, while it waited for pause.*What to do: They were paused until their deadline/);
  const shown = await runBaton(["handoff", id], { env });
  expect(shown.stderr).toMatch(/They were paused until their deadline/);
  await operator.resumeConnector(connectorId);
  await operator.replay(id, { note: "case 4711", deadlineMs: 60_000 });
  await expect.poll(async () => (await operator.handoff(id)).status, { timeout: 30_000 }).toBe("delivered");
  const { happened } = await json(["why", id], env);
  const texts = happened.map(({ text }: { readonly text: string }) => text);
  // What its sender was answered is kept a moment later.
  expect(texts.filter((text: string) => !text.startsWith("Baton answered"))).toEqual([
    expect.stringMatching(/^Baton accepted it .* It died later and was replayed, with a new deadline/),
    expect.stringMatching(/^It had died, and .* replayed it: case 4711\.$/),
    expect.stringMatching(/^Attempt 1: CXone accepted the signal/),
    "It is delivered.",
  ]);
});

it("explains an answer of CXone's by the oldest connector, and names it", SLOW, async () => {
  const { env } = await startBatonWithConnector();
  const asked = await runBaton(["explain", "--status", "429", "--retry-after", "12"], { env });
  expect(asked).toMatchObject({ code: 0 });
  expect(asked.stdout).toMatch(/^Outcome: throttled\n\n- /);
  expect(asked.stdout).toContain("12 s");
  expect(asked.stderr).toContain("Acme support line's delivery policy");
  const lost = ["explain", "--unanswered", "timeout", "--attempt", "10", "--connector", "acme/support-line"];
  expect(await json(lost, env)).toMatchObject({ outcome: "ambiguous", next: "dead" });
  const many = await runBaton(["explain", "--status", "429", "--attempt", "1000"], { env });
  expect(many).toMatchObject({ code: 1, stderr: expect.stringContaining("--attempt") });
});

it("shows the overview once to a pipe, and draws it anew on a terminal until Ctrl-C", SLOW, async () => {
  const { env, simulator } = await startBatonWithConnector();
  const well = await runBaton(["top"], { env });
  expect(well).toMatchObject({ code: 0, stderr: "" });
  expect(well.stdout).toMatch(/^All is well\.\n/);
  expect(well.stdout).toMatch(/^Acme support line .* sends$/m);

  simulator.answer({ status: 404, times: 1 });
  await runBaton(["send", "100000000001", "--wait", "20s"], { env });
  const live = startBatonOnTerminal(["top"], { env });
  await live.until(/1 dead letter in the last hour, 1 of one cause/);
  await runBaton(["connectors", "pause", "acme/support-line"], { env });
  await live.until(/Acme support line: paused for /);
  live.type("\x03");
  expect((await live.ended).code).toBe(130);
  expect(await json(["top"], env)).toMatchObject({ deadLetters: { total: 1 }, connectors: [{ paused: true }] });
  const dumb = startBatonOnTerminal(["top"], { env: { ...env, TERM: "dumb" } });
  const { code, stdout } = await dumb.ended;
  expect({ code, isPlain: !stdout.includes("\x1b") }).toEqual({ code: 0, isPlain: true });
});

it("hands a cause over to the next on call, and shows only what is recent", SLOW, async () => {
  const { env, simulator } = await startBatonWithConnector();
  simulator.answer({ status: 404, times: 1 });
  await runBaton(["send", "100000000001", "--wait", "20s"], { env });
  const [{ cause }] = await json(["dead-letters", "causes", "--from", "72h"], env);
  const { stdout: none } = await runBaton(["dead-letters", "causes", "--from", "2999-01-01", "--json"], { env });
  expect(none).toBe("[]\n");

  const said = await runBaton(["dead-letters", "acknowledge", cause, "--note", "case 4711"], { env });
  expect(said).toMatchObject({ code: 0, stderr: "" });
  const { stdout } = await runBaton(["dead-letters", "causes"], { env });
  expect(stdout).toMatch(/acknowledged by .*: case 4711/);
  expect(await json(["dead-letters", "causes", "--state", "acknowledged"], env)).toMatchObject([{ cause }]);
  expect(await json(["dead-letters", "acknowledge", cause, "--ignore"], env)).toMatchObject({ state: "ignored" });
  expect(await json(["dead-letters", "acknowledge", cause, "--reopen"], env)).toMatchObject({ state: "open" });
  const { stdout: reopened } = await runBaton(["dead-letters", "causes"], { env });
  expect(reopened).toMatch(/open: case 4711/);
  const unknown = await runBaton(["dead-letters", "acknowledge", "cs_none"], { env });
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
});
