import { describe, expect, it } from "vitest";
import { startIntake } from "./world/baton.ts";

const CONTACT = { contactId: "100000000001" };
/** What must not be in a log. */
const PRIVATE = "Frau Müller, Kundin 4711";
const LONE_SURROGATE = '{"contactId":"100000000001","params":{"p1":"Frau M\\ud800ller, Kundin 4711"}}';

/** Each is refused with the pointers to everything that is wrong with it. */
const INVALID: readonly { readonly what: string; readonly body: unknown; readonly pointers: readonly string[] }[] = [
  { what: "neither a contact nor a call", body: { params: { p1: PRIVATE } }, pointers: [""] },
  { what: "a contact and a call", body: { ...CONTACT, callId: "ca_1", params: { p1: PRIVATE } }, pointers: [""] },
  { what: "a list", body: [PRIVATE], pointers: [""] },
  { what: "a string", body: JSON.stringify(PRIVATE), pointers: [""] },
  { what: "null", body: "null", pointers: [""] },
  { what: "a contact id of 20 digits", body: { contactId: "12345678901234567890" }, pointers: ["/contactId"] },
  { what: "a contact id of no digits", body: { contactId: "" }, pointers: ["/contactId"] },
  { what: "a contact id of 1e5", body: { contactId: "1e5" }, pointers: ["/contactId"] },
  { what: "a contact id as a number", body: { contactId: 100000000001 }, pointers: ["/contactId"] },
  { what: "a contact id in other digits", body: { contactId: "١٢٣" }, pointers: ["/contactId"] },
  { what: "a contact id with a line end", body: { contactId: "100000000001\n" }, pointers: ["/contactId"] },
  { what: "a contact id that climbs", body: { contactId: "../../1" }, pointers: ["/contactId"] },
  { what: "no contact id but null", body: { contactId: null }, pointers: ["/contactId"] },
  { what: "a call that was not registered", body: { callId: "ca_0001JD9X5T2M7Q4RZK8WVNB3CY" }, pointers: ["/callId"] },
  { what: "an unknown field", body: { ...CONTACT, Params: { p1: PRIVATE } }, pointers: ["/Params"] },
  {
    what: "a prototype",
    body: '{"contactId":"100000000001","__proto__":{"deadlineMs":1000}}',
    pointers: ["/__proto__"],
  },
  {
    what: "a context with a prototype",
    body: '{"contactId":"100000000001","context":{"__proto__":{"a":1}}}',
    pointers: ["/context/__proto__"],
  },
  { what: "two unknown fields", body: { ...CONTACT, a: PRIVATE, "b/c~d": 1 }, pointers: ["/a", "/b~1c~0d"] },
  { what: "an idempotency key in the body", body: { ...CONTACT, idempotencyKey: "k" }, pointers: ["/idempotencyKey"] },
  {
    what: "ten parameters",
    body: { ...CONTACT, params: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`p${i + 1}`, PRIVATE])) },
    pointers: ["/params/p10"],
  },
  { what: "p0", body: { ...CONTACT, params: { p0: PRIVATE } }, pointers: ["/params/p0"] },
  { what: "parameters as a list", body: { ...CONTACT, params: [PRIVATE] }, pointers: ["/params"] },
  {
    what: "a number for a parameter",
    body: { ...CONTACT, params: { p1: 4711, p2: null } },
    pointers: ["/params/p1", "/params/p2"],
  },
  {
    what: "a parameter of 257 bytes",
    body: { ...CONTACT, params: { p3: `${PRIVATE}${"x".repeat(232)}` } },
    pointers: ["/params/p3"],
  },
  { what: "a parameter of 129 × é", body: { ...CONTACT, params: { p9: "é".repeat(129) } }, pointers: ["/params/p9"] },
  { what: "a lone surrogate", body: LONE_SURROGATE, pointers: ["/params/p1"] },
  { what: "a line end", body: { ...CONTACT, params: { p1: `${PRIVATE}\r\n` } }, pointers: ["/params/p1"] },
  { what: "a NUL", body: { ...CONTACT, params: { p1: `${PRIVATE}\u0000` } }, pointers: ["/params/p1"] },
  {
    what: "a DEL and a C1",
    body: { ...CONTACT, params: { p1: "\u007f", p2: "\u0085" } },
    pointers: ["/params/p1", "/params/p2"],
  },
  {
    what: "parameters that are too long together",
    body: { ...CONTACT, params: { p1: "é".repeat(128), p2: "é".repeat(128), p3: "é".repeat(128) } },
    pointers: ["/params"],
  },
  { what: "a context that is a list", body: { ...CONTACT, context: [PRIVATE] }, pointers: ["/context"] },
  {
    what: "a context over 32 KiB",
    body: { ...CONTACT, context: { note: PRIVATE.repeat(1_400) } },
    pointers: ["/context"],
  },
  {
    what: "a bottomless context",
    body: { ...CONTACT, context: JSON.parse(`${'{"a":'.repeat(900)}1${"}".repeat(900)}`) },
    pointers: ["/context"],
  },
  {
    what: "numbers in a context that lose digits",
    body: '{"contactId":"1","context":{"b":12345678901234567890,"a":[1e999,{"d":0.5}],"c":3.14159265358979323846}}',
    pointers: ["/context/b", "/context/a/0", "/context/c"],
  },
  {
    what: "numbers outside a context that lose digits",
    body: '{"contactId":12345678901234567890,"params":{"p1":1e999},"deadlineMs":1e999,"delayMs":0.00000000000000000001}',
    pointers: ["/contactId", "/params/p1", "/deadlineMs", "/delayMs"],
  },
  { what: "a shared id that is no ASCII", body: { ...CONTACT, sharedId: PRIVATE }, pointers: ["/sharedId"] },
  { what: "a shared id of 256 characters", body: { ...CONTACT, sharedId: "x".repeat(256) }, pointers: ["/sharedId"] },
  { what: "a deadline below a second", body: { ...CONTACT, deadlineMs: 999 }, pointers: ["/deadlineMs"] },
  { what: "a deadline over a day", body: { ...CONTACT, deadlineMs: 86_400_001 }, pointers: ["/deadlineMs"] },
  { what: "a deadline in words", body: { ...CONTACT, deadlineMs: "60000" }, pointers: ["/deadlineMs"] },
  { what: "a deadline with a fraction", body: { ...CONTACT, deadlineMs: 1_000.5 }, pointers: ["/deadlineMs"] },
  { what: "a delay below zero", body: { ...CONTACT, delayMs: -1 }, pointers: ["/delayMs"] },
  { what: "a delay over a minute", body: { ...CONTACT, delayMs: 60_001 }, pointers: ["/delayMs"] },
  {
    what: "everything at once",
    body: {
      contactId: 1,
      params: { p1: 2, p11: PRIVATE },
      context: 3,
      sharedId: "",
      deadlineMs: 0,
      delayMs: 1e9,
      nonsense: PRIVATE,
    },
    pointers: [
      "/contactId",
      "/params/p1",
      "/params/p11",
      "/context",
      "/sharedId",
      "/deadlineMs",
      "/delayMs",
      "/nonsense",
    ],
  },
];

describe("a handoff is refused with the pointer to what is wrong", () => {
  it("whatever it is, and nothing of it is accepted or logged", async () => {
    const { raw, accepted, logLines } = await startIntake();
    for (const { what, body, pointers } of INVALID) {
      const { status, headers, json } = await raw({ body });
      expect
        .soft({ what, status, type: json.type })
        .toEqual({ what, status: 422, type: "urn:baton:problem:invalid-handoff" });
      expect.soft(headers.get("content-type"), what).toBe("application/problem+json");
      expect.soft(json, what).toMatchObject({
        title: expect.any(String),
        detail: expect.any(String),
        status: 422,
        instance: expect.any(String),
      });
      const found = json.errors.map(({ pointer }: { pointer: string }) => pointer);
      expect.soft({ what, pointers: found.sort() }).toEqual({ what, pointers: [...pointers].sort() });
      expect
        .soft(
          json.errors.every(({ message }: { message: string }) => message.length > 5),
          what,
        )
        .toBe(true);
      expect.soft(JSON.stringify(json), what).not.toMatch(/Müller|4711|éé/);
    }
    expect(await accepted()).toEqual([]);
    expect(logLines.filter((line) => line.includes('"problem":"invalid-handoff"'))).toHaveLength(INVALID.length);
    expect(logLines.join("\n")).not.toMatch(/M(ü|\\u00fc|\ufffd)ller|4711|éé|١٢٣|nonsense/);
  });

  it("and no answer grows with what was sent", async () => {
    const { raw } = await startIntake();
    const body = { ...CONTACT, ...Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`unknown${i}`, 1])) };
    const { status, json } = await raw({ body });
    expect(status).toBe(422);
    expect(json.errors.length).toBeLessThanOrEqual(50);
  });

  it.each([
    { what: "broken JSON", body: `{"contactId": "100000000001", "params": {"p1": "${PRIVATE}"` },
    { what: "JSON with a comma too many", body: '{"contactId":"100000000001",}' },
    { what: "no JSON", body: `contactId=100000000001&p1=${PRIVATE}` },
    { what: "nothing", body: "" },
    {
      what: "bytes that are no UTF-8",
      body: Buffer.from('{"contactId":"100000000001","params":{"p1":"Frau M\xfcller, Kundin 4711"}}', "latin1"),
    },
  ])("$what is malformed JSON", async ({ body }) => {
    const { raw, accepted, logLines } = await startIntake();
    const { status, headers, json } = await raw({ body });
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect({ status, type: json.type }).toEqual({ status: 400, type: "urn:baton:problem:malformed-json" });
    expect(JSON.stringify([json, logLines])).not.toMatch(/M(ü|\ufffd)ller|4711/);
    expect(await accepted()).toEqual([]);
  });
});

describe("a handoff is accepted", () => {
  it.each([
    { what: "a contact id of one digit", body: { contactId: "7" } },
    { what: "a contact id of 19 digits", body: { contactId: "9223372036854775807" } },
    { what: "a contact id that begins with zeros", body: { contactId: "000123" } },
    { what: "a parameter of 256 bytes", body: { ...CONTACT, params: { p1: "x".repeat(256) } } },
    { what: "a parameter of 128 × é", body: { ...CONTACT, params: { p1: "é".repeat(128) } } },
    { what: "an empty parameter", body: { ...CONTACT, params: { p5: "" } } },
    {
      what: "what a URL and a header would trip over",
      body: { ...CONTACT, params: { p1: "100 % & more? #1 =+/\\ 👋🏽", p9: "ÄÖÜß|a|b" } },
    },
  ])("with $what, and CXone gets it unchanged", async ({ body }) => {
    const { client, startWorker, simulator } = await startIntake();
    await startWorker();
    expect(await client.send(body, { waitMs: 10_000 })).toMatchObject({
      status: "delivered",
      contactId: body.contactId,
    });
    expect(simulator.signals()).toMatchObject([{ contactId: body.contactId, effect: true }]);
    expect(simulator.signals()[0]?.params).toEqual("params" in body ? body.params : {});
  });

  it("with its id as a parameter, where the connector wants it there", async () => {
    const { client, raw, startWorker, simulator } = await startIntake({ delivery: { handoffIdParam: "p9" } });
    await startWorker();
    const { id, status } = await client.send({ ...CONTACT, params: { p1: "Escalate" } }, { waitMs: 10_000 });
    expect(status).toBe("delivered");
    expect(simulator.signals()).toMatchObject([{ params: { p1: "Escalate", p9: id } }]);

    const taken = await raw({ body: { ...CONTACT, params: { p9: "mine" } } });
    expect([taken.status, taken.json.errors[0].pointer]).toEqual([422, "/params/p9"]);
    // 1,981 characters of query would fit without the id.
    const long = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`p${i + 1}`, "x".repeat(i < 7 ? 256 : 158)]));
    const tooLong = await raw({ body: { ...CONTACT, params: long } });
    expect([tooLong.status, tooLong.json.errors?.[0].pointer]).toEqual([422, "/params"]);
  });

  it("with a context of 32 KiB, which is never sent to CXone nor shown", async () => {
    const { client, startWorker, simulator } = await startIntake();
    await startWorker();
    const context = { note: "x".repeat(32_768 - '{"note":""}'.length) };
    const handoff = await client.send({ ...CONTACT, context }, { waitMs: 10_000 });
    expect(handoff).toMatchObject({ status: "delivered" });
    expect(JSON.stringify([handoff, simulator.signals()])).not.toContain("xxxx");
  });
});
