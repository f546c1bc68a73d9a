/** Audit, keys, tokens and search, on processes that run. */
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

it("finds who paused what and why", SLOW, async () => {
  const { env, connectorId } = await startBatonWithConnector();
  await runBaton(["connectors", "pause", connectorId, "--note", "CXone asked"], { env });
  const entries = await json(["audit", "--action", "pause"], env);
  expect(entries).toMatchObject([{ action: "connector.pause", targetId: connectorId, note: "CXone asked" }]);
  const { stdout, stderr } = await runBaton(["audit", "--id", connectorId, "--from", "1h"], { env });
  expect(stdout).toMatch(/connector\.pause +cn_\w+ +done +CXone asked/);
  expect(stderr).toMatch(/^\d+ records?/);
  expect(await json(["audit", "--action", "resume", "--from", "1h"], env)).toEqual([]);
});

it("issues and revokes admin keys, connector tokens and screen-pop keys", SLOW, async () => {
  const { env } = await startBatonWithConnector();
  const { id, token } = await json(["keys", "issue", "Ana, on call", "--role", "viewer", "--expires", "8h"], env);
  const viewer = { ...env, BATON_ADMIN_KEY: token };
  expect(await json(["keys", "list"], env)).toContainEqual(expect.objectContaining({ id, role: "viewer" }));
  const refused = await runBaton(["connectors", "pause", "--all"], { env: viewer });
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("403") });
  expect(await runBaton(["keys", "revoke", id], { env })).toMatchObject({ code: 0 });
  await expect
    .poll(async () => (await runBaton(["connectors", "list"], { env: viewer })).code, { timeout: 20_000 })
    .toBe(1);

  for (const kind of ["tokens", "screen-pop-keys"]) {
    const issued = await json(["connectors", kind, "issue", "acme/support-line"], env);
    const ids = async () =>
      (await json(["connectors", kind, "list", "acme/support-line"], env)).map((each: { id: string }) => each.id);
    expect(await ids()).toContain(issued.id);
    await runBaton(["connectors", kind, "revoke", "acme/support-line", issued.id], { env });
    expect(await ids()).not.toContain(issued.id);
  }
});

it("finds a waiting handoff by its contact, and takes it back; at a terminal it asks first", SLOW, async () => {
  const { env, connectorId } = await startBatonWithConnector();
  await runBaton(["connectors", "pause", connectorId], { env });
  const { id } = await json(["send", "100000000009", "--deadline", "2h"], env);
  expect(await json(["handoff", "search", "--contact-id", "100000000009"], env)).toMatchObject([{ id }]);
  expect(await json(["handoff", "search", "--status", "delivered"], env)).toEqual([]);
  const unsure = startBatonOnTerminal(["handoff", "cancel", id], { env });
  await unsure.until(/It is not sent then\. \[y\/N\]/);
  unsure.type("n\r");
  expect((await unsure.ended).code).toBe(1);
  expect(await json(["handoff", id], env)).toMatchObject({ status: "queued" });
  expect(await json(["handoff", "cancel", id], env)).toMatchObject({ id, status: "cancelled" });
  const { BATON_ADMIN_KEY: _, ...project } = env;
  expect(await json(["handoff", "cancel", id], project)).toMatchObject({ status: "cancelled" });
  expect(await startBatonOnTerminal(["handoff", "cancel", id, "--yes"], { env }).ended).toMatchObject({ code: 0 });
});

it("asks at a terminal before it gives a dead letter up, and does not ask without one", SLOW, async () => {
  const { env, simulator } = await startBatonWithConnector();
  simulator.answer({ status: 404 });
  const { id } = await json(["send", "100000000001", "--wait", "20s"], env);
  const asked = startBatonOnTerminal(["dead-letters", "discard", id], { env });
  await asked.until(/It cannot be replayed then\. \[y\/N\]/);
  asked.type("n\r");
  expect((await asked.ended).code).toBe(1);
  const interrupted = startBatonOnTerminal(["dead-letters", "discard", id], { env });
  await interrupted.until(/\[y\/N\]/);
  interrupted.type("\x03");
  expect((await interrupted.ended).code).toBe(130);
  expect(await json(["dead-letters", "list"], env)).toHaveLength(1);
  const sure = startBatonOnTerminal(["dead-letters", "discard", id], { env });
  await sure.until(/\[y\/N\]/);
  sure.type("y\r");
  expect((await sure.ended).code).toBe(0);
  expect(await json(["dead-letters", "list"], env)).toEqual([]);
});
