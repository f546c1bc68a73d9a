import { expect, it } from "vitest";
import { answerJson, freePort } from "../testing/servers.ts";
import { CONTACT, requests, setup } from "../testing/setup.ts";
import type { CxOneError } from "./cxone-error.ts";
import { createMemoryApiAccessStore } from "./memory-api-access-store.ts";

const LIMIT = { timeLimitMs: 5_000 };

/** lookUp asks one local CXone whose API answers `status` with `body`. */
async function lookUp(status: number, body: unknown, options: Parameters<typeof setup>[0] = {}) {
  const local = await setup(options);
  local.cxone.answers.signal = (response) => {
    if (typeof body === "string") response.writeHead(status).end(body);
    else answerJson(response, status, body);
  };
  return { ...local, contact: await local.client.getContact(CONTACT, LIMIT).catch((error: CxOneError) => error) };
}

it("asks the Reporting API with the token, and reads a running contact with every digit of its ids", async () => {
  const body = `{"contactId":${CONTACT},"masterContactId": 9007199254740993002,"isActive":true,"isWarehoused":false,"stateId":4,"stateName":"Active","endReason":null,"firstName":"x"}`;
  const { contact, cxone } = await lookUp(200, body);
  expect(contact).toEqual({
    contactId: CONTACT,
    masterContactId: "9007199254740993002",
    isActive: true,
    isWarehoused: false,
    stateId: 4,
    stateName: "Active",
  });
  const [asked] = cxone.seen.signal;
  expect([asked?.method, asked?.url.pathname]).toEqual(["GET", `/inContactAPI/services/v30.0/contacts/${CONTACT}`]);
  expect(asked?.headers).toMatchObject({
    accept: "application/json",
    authorization: expect.stringMatching(/^Bearer /),
  });
});

it.each([
  ["an end reason", { contactId: 1, endReason: "Contact Hung Up" }, { isActive: false, endReason: "Contact Hung Up" }],
  ["what only running contacts have", { contactId: 1, contactStateCategory: "Active" }, { isActive: true }],
  ["its own word", { contactId: 1, isActive: true, endReason: "x" }, { isActive: true, endReason: "x" }],
])("takes whether it is active from %s", async (_, body, contact) => {
  expect((await lookUp(200, body)).contact).toEqual({ contactId: CONTACT, ...contact });
});

it("says nothing of what CXone does not say", async () => {
  expect((await lookUp(200, { contactId: 1, stateId: "4" })).contact).toEqual({ contactId: CONTACT });
});

it("reads a contact that stands under its id, or under contactId, as generated clients show it", async () => {
  expect((await lookUp(200, { businessUnitId: 7, contactId: { isActive: false } })).contact).toMatchObject({
    isActive: false,
  });
  expect((await lookUp(200, { [CONTACT]: { isActive: false } })).contact).toMatchObject({ isActive: false });
});

it.each([204, 404])("knows no such contact when CXone answers %i", async (status) => {
  expect((await lookUp(status, "")).contact).toBeUndefined();
});

it("takes other statuses for unknown contacts where the option names them", async () => {
  expect((await lookUp(400, "", { unknownContact: [400] })).contact).toBeUndefined();
  expect((await lookUp(404, "", { unknownContact: [400] })).contact).toMatchObject({
    code: "rejected",
    httpStatus: 404,
  });
});

it.each([
  [400, "", "rejected"],
  [401, "", "credentials"],
  [403, { error_description: "no permission" }, "credentials"],
  [429, "", "throttled"],
  [500, "", "unavailable"],
  [503, "", "unavailable"],
  [302, "", "configuration"],
  [200, "", "unreadable"],
  [200, [], "unreadable"],
  [200, { error: "none" }, "unreadable"],
])("throws one error per meaning: HTTP %i %j is %s", async (httpStatus, body, code) => {
  expect((await lookUp(httpStatus, body)).contact).toMatchObject({ name: "CxOneError", code, httpStatus });
});

it("takes no contact from an answer that breaks off", async () => {
  const { cxone, client } = await setup();
  cxone.answers.signal = (response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write('{"contactId":1}', () => response.socket?.end());
  };
  await expect(client.getContact(CONTACT, LIMIT)).rejects.toMatchObject({
    code: "unreachable",
    message: "HTTP 200: the answer was cut off",
  });
});

it("carries Retry-After, and CXone's words without the token", async () => {
  const { cxone, client } = await setup();
  cxone.answers.signal = (response, { headers }) => {
    response.setHeader("retry-after", "7");
    answerJson(response, 429, { message: `slow down, ${headers.authorization}` });
  };
  await expect(client.getContact(CONTACT, LIMIT)).rejects.toMatchObject({
    retryAfterMs: 7_000,
    message: "HTTP 429: slow down, Bearer [redacted]",
  });
});

it("renews a refused token once, and asks again", async () => {
  const { cxone, client } = await setup();
  cxone.answers.signal = (response, _, count) =>
    count === 1 ? response.writeHead(401).end() : answerJson(response, 200, { contactId: 1, isActive: true });
  expect(await client.getContact(CONTACT, LIMIT)).toMatchObject({ isActive: true });
  expect(requests(cxone)).toMatchObject({ token: 2, signal: 2 });
  expect(cxone.seen.signal[1]?.headers.authorization).not.toBe(cxone.seen.signal[0]?.headers.authorization);
});

it("says why it had no token", async () => {
  const { cxone, client } = await setup();
  cxone.answers.token = (response) => answerJson(response, 401, { error: "invalid_client" });
  await expect(client.getContact(CONTACT, LIMIT)).rejects.toMatchObject({ code: "credentials", httpStatus: 401 });
  const elsewhere = await setup({}, { issuer: `http://other.example:${await freePort()}` });
  await expect(elsewhere.client.getContact(CONTACT, LIMIT)).rejects.toMatchObject({ code: "configuration" });
  const gone = await setup({}, { issuer: `http://127.0.0.1:${await freePort()}` });
  await expect(gone.client.getContact(CONTACT, LIMIT)).rejects.toMatchObject({ code: "unavailable" });
});

it("asks no host that is not allowed, wherever its address was kept", async () => {
  const accessStore = createMemoryApiAccessStore();
  const claim = await accessStore.claim({});
  if (claim.kind !== "lease") throw new Error(claim.kind);
  const times = { obtainedAt: Date.now(), expiresAt: Date.now() + 60_000 };
  await accessStore.grant(claim.lease, {
    token: "t",
    tokenType: "Bearer",
    apiEndpoint: "https://evil.example",
    version: "1",
    ...times,
  });
  const { client } = await setup({ accessStore });
  await expect(client.getContact(CONTACT, LIMIT)).rejects.toMatchObject({ code: "configuration" });
});

it("gives up when its time is over, and when its caller does", async () => {
  const { cxone, client } = await setup();
  await client.prepare();
  const dropped = Promise.withResolvers<void>();
  const abandoned = new AbortController();
  cxone.answers.signal = (response, _, count) => {
    if (count !== 2) return;
    response.once("close", () => dropped.resolve());
    abandoned.abort(new Error("the caller hung up"));
  };
  await expect(client.getContact(CONTACT, { timeLimitMs: 100 })).rejects.toMatchObject({ code: "unreachable" });
  await expect(client.getContact(CONTACT, { ...LIMIT, signal: abandoned.signal })).rejects.toThrow(
    "the caller hung up",
  );
  await dropped.promise;
  await expect(client.getContact(CONTACT, { ...LIMIT, signal: abandoned.signal })).rejects.toThrow(
    "the caller hung up",
  );
  expect(requests(cxone).signal).toBe(2);
});

it("refuses a contact id that could be another path, before anything is sent", async () => {
  const { cxone, client } = await setup();
  await expect(client.getContact("../1", LIMIT)).rejects.toMatchObject({ code: "invalid-contact-id" });
  expect(requests(cxone)).toEqual({ identity: 0, token: 0, api: 0, signal: 0 });
});
