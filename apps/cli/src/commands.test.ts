import { once } from "node:events";
import { createServer } from "node:net";
import { createToken } from "@baton/vault";
import { expect, it, onTestFinished } from "vitest";
import { startBatonWithConnector, startLiveBaton } from "../testing/live-baton.ts";
import { runBaton, startBaton } from "../testing/run-baton.ts";

it("creates a connector, sends, and shows the handoff", async () => {
  const { env, connectorId, created, simulator } = await startBatonWithConnector();
  expect(created).toMatchObject({ code: 0, stderr: "" });
  expect(created.stdout).not.toContain("s3cret");

  const sent = await runBaton(["send", "100000000001", "p1=Escalate", "p2=a=b", "--wait", "20s", "--json"], { env });
  const handoff = JSON.parse(sent.stdout);
  expect({ code: sent.code, handoff }).toMatchObject({
    code: 0,
    handoff: { connectorId, status: "delivered", contactId: "100000000001" },
  });
  expect(simulator.signals()).toMatchObject([{ params: { p1: "Escalate", p2: "a=b" } }]);

  const { BATON_TOKEN: _, ...operator } = env;
  // An operator also sees what the sender was answered.
  const answer = { status: 200, waitMs: 20_000, at: expect.any(String), afterMs: expect.any(Number) };
  for (const [asked, seen] of [[env, handoff] as const, [operator, { ...handoff, answer }] as const]) {
    const shown = await runBaton(["handoff", handoff.id, "--json"], { env: asked });
    expect({ code: shown.code, handoff: JSON.parse(shown.stdout) }).toEqual({ code: 0, handoff: seen });
  }
  const table = await runBaton(["handoff", handoff.id], { env });
  expect(table.stdout).toMatch(/^status +delivered$/m);
  expect(table.stdout).toMatch(/^1 .* accepted +202$/m);
});

it("lists, replays and discards dead letters", async () => {
  const { env, simulator } = await startBatonWithConnector();
  const faultId = simulator.answer({ status: 400 });
  const dead = await runBaton(["send", "100000000002", "--wait", "20s"], { env });
  expect(dead.code).toBe(1);
  const id = /ho_\w+/.exec(dead.stdout)?.[0] ?? "";

  const list = await runBaton(["dead-letters", "list", "--reason", "rejected", "--json"], { env });
  expect(JSON.parse(list.stdout)).toMatchObject([{ id, reason: "rejected" }]);
  const causes = await runBaton(["dead-letters", "causes", "--json"], { env });
  expect(JSON.parse(causes.stdout)).toMatchObject([{ count: 1, httpStatus: 400, sampleId: id }]);
  const grouped = await runBaton(["dead-letters", "causes"], { env });
  expect(grouped.stdout).toMatch(
    /^ +1 {2}rejected +400 .* Acme support line +(just now|\d+ s ago) +(just now|\d+ s ago) +open +cs_\w+\n$/m,
  );
  expect(grouped.stderr).toMatch(
    /^1 cause\n\ncs_\w+: CXone refuses these contacts or parameters.*refused again\.\n\nSay that you work on it: baton dead-letters acknowledge cs_/,
  );
  const table = await runBaton(["dead-letters", "list"], { env });
  expect(table.stdout).toMatch(new RegExp(`^${id}  Acme support line  100000000002  (just now|\\d+ s ago)`, "m"));
  expect(table.stderr).toBe("1 dead letter\n");

  const replayed = await runBaton(["dead-letters", "replay", id, "--note", "one more try", "--json"], { env });
  expect({ code: replayed.code, handoff: JSON.parse(replayed.stdout) }).toMatchObject({
    code: 0,
    handoff: { id, replays: 1 },
  });
  await simulator.untilSignals(2);
  await expect
    .poll(async () => (await runBaton(["dead-letters", "discard", id], { env })).code, { timeout: 20_000 })
    .toBe(0);

  simulator.withdraw(faultId);
  const again = await runBaton(["dead-letters", "replay", id], { env });
  expect(again).toMatchObject({ code: 1, stdout: "" });
  expect(again.stderr).toContain(`409 Not a dead letter: ${id}`);
});

it.each([
  ["a moment that is none", ["dead-letters", "list", "--from", "yesterday"], "such as 1h"],
  ["a limit that is none", ["connectors", "list", "--limit", "0"], "1 or more"],
  ["two formats at once", ["connectors", "list", "--json", "--jsonl"], "cannot be used with"],
])("exits 2 for %s, and sends no request", async (_what, args, words) => {
  const { code, stdout, stderr } = await runBaton(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(words);
});

it("exits 130 when it is interrupted", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  const asked = once(server, "connection");
  await once(server, "listening");
  const address = server.address();
  const url = typeof address === "object" ? `http://127.0.0.1:${address?.port}` : "";
  const running = startBaton(["connectors", "list"], {
    env: { BATON_ADMIN_URL: url, BATON_ADMIN_KEY: createToken("ba").token },
  });
  const [socket] = await asked;
  running.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
  socket.destroy();
});

it("says what was refused and what would be accepted", async () => {
  const { env, create, connectorId } = await startBatonWithConnector();
  const taken = await create({ CXONE_SECRET: "other" });
  expect(taken).toMatchObject({ code: 1, stdout: "" });
  expect(taken.stderr).toContain(connectorId);

  const secret = await create({});
  expect(secret).toMatchObject({ code: 2, stdout: "" });
  expect(secret.stderr).toContain("not set in the environment: CXONE_SECRET; nothing was sent");

  const contact = await runBaton(["send", "1e5"], { env });
  expect(contact.code).toBe(1);
  expect(contact.stderr).toContain("<contactId>: send 1 to 19 digits");

  const unknown = await runBaton(["handoff", "ho_nobody"], { env });
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain("ho_nobody");

  const wrongKey = await runBaton(["connectors", "list"], {
    env: { ...env, BATON_ADMIN_KEY: createToken("ba").token },
  });
  expect(wrongKey.code).toBe(1);
  expect(wrongKey.stderr).toContain("401");
});

it("stops on a signal, and exits 0", async () => {
  const { up } = await startLiveBaton();
  up.kill("SIGTERM");
  expect((await up.ended).code).toBe(0);
});

it("exits 2 when it is misused, and says how it is used", async () => {
  const { code, stdout, stderr } = await runBaton(["dead-letters", "replay"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("missing required argument 'id'");
});

it.each([
  ["send without a token", ["send", "1"], {}, ["BATON_TOKEN is required"]],
  ["a token that is none", ["send", "1"], { BATON_TOKEN: "secret" }, ["BATON_TOKEN: expected a connector token"]],
  ["handoff with neither token nor key", ["handoff", "ho_1"], {}, ["BATON_TOKEN or BATON_ADMIN_KEY is required"]],
  [
    "an admin key that is none",
    ["connectors", "list"],
    { BATON_ADMIN_KEY: "secret" },
    ["BATON_ADMIN_KEY: expected ba_"],
  ],
  [
    "two faults at once",
    ["worker"],
    { BATON_WORKER_PORT: "x" },
    ["BATON_WORKER_PORT", "BATON_REDIS_URL", "BATON_KEYRING"],
  ],
  ["up with two faults", ["up"], { BATON_SHARDS: "0", BATON_KEYRING: "k:short" }, ["BATON_SHARDS", "BATON_KEYRING"]],
])("exits 78 for %s, naming every fault and no value", async (_what, args, env, named) => {
  const { code, stdout, stderr } = await runBaton(args, { env });
  expect({ code, stdout }).toEqual({ code: 78, stdout: "" });
  for (const name of named) expect(stderr).toContain(name);
  expect(stderr).not.toMatch(/k:short|: secret/);
});

it("says where Baton was looked for when no process answers there", async () => {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const address = free.address();
  free.close();
  const port = typeof address === "object" ? String(address?.port) : "";
  const { code, stderr } = await runBaton(["send", "1"], {
    env: { BATON_TOKEN: createToken("bt").token, BATON_INGRESS_PORT: port },
  });
  expect(code).toBe(1);
  expect(stderr).toContain(`http://127.0.0.1:${port} cannot be reached`);
});

it("makes a key ring that Baton takes", async () => {
  const plain = await runBaton(["keygen"]);
  expect(plain.stdout).toMatch(/^\w+:[A-Za-z0-9+/]{43}=\n$/);
  expect(JSON.parse((await runBaton(["keygen", "--json"])).stdout)).toEqual({
    keyring: expect.stringMatching(/^\w+:/),
  });
});
