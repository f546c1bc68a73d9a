/** What `baton` lists and shows, as an operator asks for it: processes of their own, against a real Baton. */
import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { runBaton } from "../apps/cli/testing/run-baton.ts";
import { createWorld, ended } from "./world/world.ts";

/** A Baton whose CXone refuses every signal, and a connector that is called `test`. */
async function setup() {
  const world = await createWorld();
  const { connector, token } = await world.createConnector({ delivery: { deadlineMs: 1_000 } });
  const ingress = await world.startIngress();
  const admin = await world.startAdmin();
  await world.startWorker();
  const operator = { BATON_ADMIN_URL: admin.url, BATON_ADMIN_KEY: admin.key };
  const project = { BATON_INGRESS_URL: ingress.url, BATON_TOKEN: token };
  const client = createBatonClient({ ingressUrl: ingress.url, token });
  return {
    ...world,
    connector,
    operator,
    project,
    client,
    baton: (...args: string[]) => runBaton(args, { env: { ...operator } }),
    async die(contactId: string) {
      const { id } = await client.send({ contactId });
      return await ended(client, id);
    },
  };
}

const project = ({ accountId, projectId }: { accountId: string; projectId: string }) => `${accountId}/${projectId}`;

it("lists nothing as [], as no line, and as no table, with exit code 0", async () => {
  const { baton } = await setup();
  const list = (...format: string[]) => baton("dead-letters", "list", ...format);
  expect(await list("--json")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
  expect(await list("--jsonl")).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(await list()).toEqual({ code: 0, stdout: "", stderr: "0 dead letters\n" });
});

it("lists a connector's dead letters by whatever name it is given, data on stdout and the rest on stderr", async () => {
  const { baton, connector, simulator, die } = await setup();
  simulator.answer({ status: 400 });
  for (const contactId of ["1", "2", "3"]) await die(contactId);
  const lines = await baton("dead-letters", "list", "--connector", project(connector), "--jsonl");
  expect(lines.stdout.split("\n").map((line) => line && JSON.parse(line).contactId)).toEqual(["3", "2", "1", ""]);

  const { stdout, stderr } = await baton("dead-letters", "list", "--connector", "test", "--limit", "2");
  expect(stdout.split("\n")[1]).toMatch(/^ho_\w+ {2}test +3 +(just now|\d+ s ago) +rejected/);
  const [, cursor = ""] = /^2 of 3 dead letters\nThere are more: --cursor (\S+)\n$/.exec(stderr) ?? [];
  const rest = await baton("dead-letters", "list", "--connector-id", connector.id, "--cursor", cursor, "--json");
  expect(JSON.parse(rest.stdout)).toMatchObject([{ contactId: "1" }]);
});

it("lists what waits for a reason, what may have arrived, and what a run left out and why", async () => {
  const { baton, client, connector, operator: access, simulator, die } = await setup();
  const operator = createBatonClient({ adminUrl: access.BATON_ADMIN_URL, adminKey: access.BATON_ADMIN_KEY });
  simulator.answer({ status: 400, times: 1 });
  await die("1");
  simulator.answer({ reset: "after" });
  const { id } = await die("2");
  const ids = async (...args: string[]) =>
    (await baton(...args, "--jsonl")).stdout
      .split("\n")
      .flatMap((line) => line && (JSON.parse(line).id ?? JSON.parse(line).handoffId));
  expect(await ids("dead-letters", "list", "--may-have-arrived")).toEqual([id, ""]);
  const run = await operator.startRun("discard", { all: true, note: "late" });
  await expect.poll(async () => (await operator.run("discard", run.id)).status, { timeout: 30_000 }).toBe("completed");
  expect(await ids("discards", "items", run.id, "--because", "may-have-arrived")).toEqual([id, ""]);
  expect(await ids("discards", "items", run.id, "--because", "gone")).toEqual([""]);

  await operator.pauseConnector(connector.id);
  const waiting = await client.send({ contactId: "3", delayMs: 60_000 });
  expect(await ids("handoff", "search", "--waiting-for", "delay")).toEqual([waiting.id, ""]);
  expect(await ids("handoff", "search", "--waiting-for", "order")).toEqual([""]);
});

it("refuses a connector that is not there, and names the nearest, in place of finding nothing of it", async () => {
  const { baton, connector } = await setup();
  const nearly = project(connector).replace("acme", "acmee");
  for (const command of ["list", "causes"]) {
    const { code, stdout, stderr } = await baton("dead-letters", command, "--connector", nearly);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`"${nearly}"; the nearest:\n  test  ${project(connector)}/live  ${connector.id}\n`);
  }
});

it("lists what died since an hour, a day or an instant, or before it", async () => {
  const { baton, simulator, die } = await setup();
  simulator.answer({ status: 400 });
  const { endedAt = "" } = await die("1");
  const found = async (...range: string[]) =>
    JSON.parse((await baton("dead-letters", "list", "--json", ...range)).stdout).length;
  expect(await found("--from", "1h")).toBe(1);
  expect(await found("--to", "1h")).toBe(0);
  expect(await found("--from", endedAt.slice(0, 10))).toBe(1);
  expect(await found("--from", "2026-11-29", "--to", endedAt)).toBe(0);
});

it("asks admin for a handoff that is not the token's own, and says so where there is no key", async () => {
  const { operator, project, createConnector, simulator, die } = await setup();
  simulator.answer({ status: 503 });
  const { id, connectorId } = await die("1");
  const otherProject = { ...project, BATON_TOKEN: (await createConnector()).token };
  const found = await runBaton(["handoff", id], { env: { ...operator, ...otherProject } });
  expect(found.code).toBe(0);
  expect(found.stdout).toContain(`connector  test (${connectorId})\n`);
  expect(found.stderr).toContain("which is not too short for that");
  const missing = await runBaton(["handoff", id], { env: otherProject });
  expect(missing).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("with BATON_ADMIN_KEY, admin is asked too"),
  });
});

it("names options where the API names members of JSON", async () => {
  const { baton, simulator, createConnector, startIngress } = await setup();
  const { token } = await createConnector({ delivery: { guarantee: "at-most-once" } });
  const { url } = await startIngress();
  const env = { BATON_INGRESS_URL: url, BATON_TOKEN: token };
  simulator.answer({ reset: "after" });
  const sent = await runBaton(["send", "1", "--wait", "20s", "--json"], { env });
  const { id } = JSON.parse(sent.stdout);
  expect(sent.code).toBe(1);
  const replayed = await baton("dead-letters", "replay", id);
  expect(replayed).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("send --force to risk") });
  const long = await runBaton(["send", "1", "--delay", "2m"], { env });
  expect(long).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^ {2}--delay: /m) });
});
