import { createBatonClient, type ProblemError, type VerifyBody } from "@baton/api";
import { expect, it } from "vitest";
import { type ConnectorChange, createWorld } from "./world/world.ts";

const CONTACT = "100000000001";

async function setup(change: ConnectorChange = {}) {
  const world = await createWorld();
  const { connector, accessKeyId } = await world.createConnector(change);
  const { url, key } = await world.startAdmin();
  const client = createBatonClient({ adminUrl: url, adminKey: key });
  const verify = (body?: VerifyBody) => client.verifyConnector(connector.id, body);
  const { simulator } = world;
  const tokenRequests = () => simulator.tokenRequests(accessKeyId).length;
  return { ...world, connector, client, verify, tokenRequests };
}

const walked = ({ steps }: { steps: readonly { name: string; ok: boolean }[] }) =>
  steps.map(({ name, ok }) => `${name} ${ok ? "good" : "bad"}`);

it("walks the way to CXone, and says what that does not prove", async () => {
  const { simulator, verify } = await setup();
  const verification = await verify();
  expect(verification).toMatchObject({
    ok: true,
    doesNotProve: [expect.stringContaining("may signal contacts"), expect.any(String)],
  });
  expect(walked(verification)).toEqual(["discovery good", "token good", "api good"]);
  expect(simulator.signals()).toEqual([]);
});

it("sends one real signal to the contact that is named, and no more", async () => {
  const { simulator, verify } = await setup();
  const { ok, steps } = await verify({ contactId: CONTACT, params: { p1: "Test" } });
  expect([ok, steps.at(-1)]).toMatchObject([
    true,
    { name: "signal", ok: true, detail: "CXone took the signal, HTTP 202" },
  ]);
  expect(simulator.signals()).toMatchObject([{ contactId: CONTACT, params: { p1: "Test" } }]);
});

it("says that CXone refuses the credentials, asks no second time within 30 s, and at once with other ones", async () => {
  const { simulator, verify, client, connector, tokenRequests, logLines } = await setup({
    credentials: { accessKeySecret: "planted-wrong" },
  });
  simulator.answer({ on: "token", times: 1, status: 401, body: { error: "invalid_client" } });
  for (const said of ["token endpoint: HTTP 401 invalid_client", expect.stringContaining("asked again in")]) {
    const { ok, steps } = await verify();
    expect([ok, steps.at(-1)]).toMatchObject([false, { name: "token", ok: false, detail: said }]);
    expect(tokenRequests()).toBe(1);
  }
  await client.patchConnector(connector.id, { credentials: { accessKeySecret: "planted-right" } });
  expect((await verify()).ok).toBe(true);
  expect(logLines.join()).not.toContain("planted");
});

it("sends the test signal as a handoff would be sent, with an id where the connector wants one", async () => {
  const { simulator, verify } = await setup({ delivery: { handoffIdParam: "p9" } });
  expect((await verify({ contactId: CONTACT, params: { p1: "Test" } })).ok).toBe(true);
  expect(simulator.signals()).toMatchObject([{ params: { p1: "Test", p9: expect.stringMatching(/^ho_/) } }]);
  const refused = await verify({ contactId: CONTACT, params: { p9: "mine" } }).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    status: 400,
    code: "invalid-request",
    problem: { errors: [{ pointer: "/params/p9" }] },
  });
});

it("says how CXone refused the test signal", async () => {
  const { simulator, verify } = await setup();
  simulator.answer({ on: "signal", contactId: CONTACT, status: 404, body: { message: "no such contact" } });
  const { ok, steps } = await verify({ contactId: CONTACT });
  expect([ok, steps.at(-1)]).toMatchObject([false, { name: "signal", detail: "rejected, HTTP 404: no such contact" }]);
});

it("says that the key ring does not open the credentials", async () => {
  const { startAdmin, connector, tokenRequests } = await setup();
  const { url, key } = await startAdmin({ BATON_KEYRING: `other:${Buffer.alloc(32).toString("base64")}` });
  const verification = await createBatonClient({ adminUrl: url, adminKey: key }).verifyConnector(connector.id, {
    contactId: CONTACT,
  });
  expect(walked(verification)).toEqual(["token bad"]);
  expect(verification.steps[0]?.detail).toMatch(/the key ring does not open the credentials: sealed under key \w+/);
  expect(tokenRequests()).toBe(0);
});

it("says that nothing answers at the issuer", async () => {
  const { simulator, verify } = await setup();
  await simulator.close();
  expect(walked(await verify())).toEqual(["discovery bad"]);
});

it.each([
  [{ contactId: "12a" }, "/contactId"],
  [{ params: { p1: "x" } }, "/params"],
  [{ contactId: "1", params: { p1: "x".repeat(257) } }, "/params/p1"],
])("refuses to verify with %j", async (body, pointer) => {
  const { simulator, verify } = await setup();
  const refused: ProblemError = await verify(body).then(
    () => expect.unreachable("verified"),
    (error: ProblemError) => error,
  );
  expect([refused.status, refused.code, refused.problem.errors?.map((complaint) => complaint.pointer)]).toEqual([
    400,
    "invalid-request",
    [pointer],
  ]);
  expect(simulator.signals()).toEqual([]);
});
