import { describe, expect, it } from "vitest";
import { startBaton, startIntake } from "./world/baton.ts";

const PATH = "/v1/handoffs/batch";
const contact = (n: number) => ({ contactId: String(100_000_000_000 + n) });

describe("a batch", () => {
  it("accepts what is good and refuses what is not, each in its place", async () => {
    const { raw, ended, simulator, logLines } = await startBaton();
    const handoffs = [
      { ...contact(0), params: { p1: "Escalate" } },
      { contactId: "1e5", params: { p1: "Müller" } },
      contact(2),
      { ...contact(3), params: { p10: "Müller", p2: 4 }, nonsense: 1 },
      null,
      "Müller",
      { ...contact(6), idempotencyKey: "" },
      { ...contact(7), idempotencyKey: 7, deadlineMs: 1 },
      contact(8),
    ];
    const { status, headers, json } = await raw({ path: PATH, body: { handoffs } });
    expect([status, headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    expect(json.results.map((result: { status: number }) => result.status)).toEqual([
      202, 422, 202, 422, 422, 422, 422, 422, 202,
    ]);
    const pointers = json.results.map((result: { problem?: { errors: { pointer: string }[] } }) =>
      result.problem?.errors.map(({ pointer }) => pointer).sort(),
    );
    expect(pointers).toEqual([
      undefined,
      ["/contactId"],
      undefined,
      ["/nonsense", "/params/p10", "/params/p2"],
      [""],
      [""],
      ["/idempotencyKey"],
      ["/deadlineMs", "/idempotencyKey"],
      undefined,
    ]);
    for (const index of [0, 2, 8]) {
      expect(json.results[index].handoff.contactId).toBe(contact(index).contactId);
      expect(await ended(json.results[index].handoff)).toMatchObject({ status: "delivered" });
    }
    expect(simulator.signals()).toHaveLength(3);
    expect(json.results[1].problem).toMatchObject({ type: "urn:baton:problem:invalid-handoff", status: 422 });
    expect(JSON.stringify([json, logLines])).not.toContain("Müller");
  });

  it("refuses only the items with a number that would lose digits", async () => {
    const { raw, accepted } = await startIntake();
    const items = ["1", "12345678901234567890", "1e3"].map((n) => `{"contactId":"1","context":{"id":${n}}}`);
    const { json } = await raw({ path: PATH, body: `{"handoffs":[${items.join()}]}` });
    expect(json.results.map((result: { status: number }) => result.status)).toEqual([202, 422, 202]);
    expect(json.results[1].problem.errors).toEqual([
      { pointer: "/context/id", message: "as a number it would lose digits; send it as text" },
    ]);
    expect(await accepted()).toHaveLength(2);
  });

  it("honours each item's idempotency key, also within itself and together with single handoffs", async () => {
    const { raw, accepted } = await startIntake();
    const single = await raw({ body: contact(1), headers: { "idempotency-key": "single" } });
    const handoffs = [
      { ...contact(1), idempotencyKey: "single" },
      { ...contact(2), idempotencyKey: "batch" },
      { ...contact(2), idempotencyKey: "batch" },
      { ...contact(3), idempotencyKey: "batch" },
      { contactId: "1e5", idempotencyKey: "batch" },
      contact(2),
    ];
    const { results } = (await raw({ path: PATH, body: { handoffs } })).json;
    expect(results[0]).toMatchObject({ status: 202, replayed: true, handoff: { id: single.json.id } });
    expect(results[1]).toMatchObject({ status: 202 });
    expect(results[1]).not.toHaveProperty("replayed");
    expect(results[2]).toMatchObject({ status: 202, replayed: true, handoff: { id: results[1].handoff.id } });
    expect(results[3]).toMatchObject({ status: 422, problem: { type: "urn:baton:problem:idempotency-key-reused" } });
    expect(results[4]).toMatchObject({ status: 422, problem: { type: "urn:baton:problem:idempotency-key-reused" } });
    expect(results[5]).toMatchObject({ status: 202 });
    expect(await accepted()).toHaveLength(3);
  });

  it("refuses only the item that has a member __proto__, with or without a key", async () => {
    const { raw } = await startIntake();
    const bad = '{"contactId":"1","__proto__":{"a":1}}';
    const keyed = '{"contactId":"1","idempotencyKey":"k","__proto__":{"a":1}}';
    const { json } = await raw({ path: PATH, body: `{"handoffs":[${bad},${keyed},{"contactId":"1"}]}` });
    const errors = [{ pointer: "/__proto__" }];
    expect(json.results).toMatchObject([
      { status: 422, problem: { errors } },
      { status: 422, problem: { errors } },
      { status: 202 },
    ]);
  });

  it("refuses a key for the whole batch, by the header's name", async () => {
    const { raw, accepted } = await startIntake();
    const refused = await raw({
      path: PATH,
      body: { handoffs: [contact(1)] },
      headers: { "idempotency-key": "batch" },
    });
    expect(refused).toMatchObject({
      status: 422,
      json: { type: "urn:baton:problem:invalid-handoff", errors: [{ pointer: "/idempotency-key" }] },
    });
    expect(refused.json.detail).toContain("Idempotency-Key");
    expect(await accepted()).toEqual([]);
  });

  it("takes as many as there is room for", async () => {
    const { raw } = await startIntake({}, { BATON_MAX_PENDING: "2" });
    const { results } = (await raw({ path: PATH, body: { handoffs: [1, 2, 3].map(contact) } })).json;
    expect(results.map(({ status }: { status: number }) => status)).toEqual([202, 202, 429]);
    expect(results[2].problem.type).toBe("urn:baton:problem:backlog-full");
  });

  it("may hold a hundred handoffs, and all are delivered", async () => {
    const { raw, ended, simulator } = await startBaton();
    const { results } = (
      await raw({ path: PATH, body: { handoffs: Array.from({ length: 100 }, (_, n) => contact(n)) } })
    ).json;
    for (const { handoff } of results) expect(await ended(handoff)).toMatchObject({ status: "delivered" });
    expect(simulator.signals()).toHaveLength(100);
  });

  it.each([
    { what: "holds none", body: { handoffs: [] }, pointer: "/handoffs" },
    { what: "holds 101", body: { handoffs: Array(101).fill(contact(1)) }, pointer: "/handoffs" },
    { what: "is no object", body: [contact(1)], pointer: "" },
    { what: "names no handoffs", body: {}, pointer: "/handoffs" },
    { what: "holds one outside a list", body: { handoffs: contact(1) }, pointer: "/handoffs" },
    { what: "says more than it may", body: { handoffs: [contact(1)], deadlineMs: 1_000 }, pointer: "/deadlineMs" },
  ])("that $what is refused whole", async ({ body, pointer }) => {
    const { raw, accepted } = await startIntake();
    const refused = await raw({ path: PATH, body });
    expect(refused).toMatchObject({
      status: 422,
      json: { type: "urn:baton:problem:invalid-handoff", errors: [{ pointer }] },
    });
    expect(await accepted()).toEqual([]);
  });
});
