import type { DeadLetterList } from "@baton/api";
import { expect, it } from "vitest";
import { setup, useRedis } from "../../testing/world.ts";

useRedis();

const DEAD_LETTERS = "/admin/v1/dead-letters";

it("lists dead letters newest first, page by page, with the exact total", async () => {
  const { client, connect, die } = await setup({ BATON_SHARDS: "3" });
  const connectors = await Promise.all([connect(), connect(), connect()]);
  const ids: string[] = [];
  for (let i = 0; i < 11; i++) for (const connector of connectors) ids.push(await die(connector));

  const pages: DeadLetterList[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await client.deadLetters({ limit: 10, ...(cursor === undefined ? {} : { cursor }) });
    pages.push(page);
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  const items = pages.flatMap((page) => page.items);
  expect(pages.map((page) => [page.items.length, page.total])).toEqual([
    [10, 33],
    [10, 33],
    [10, 33],
    [3, 33],
  ]);
  expect(items.map(({ id }) => id).sort()).toEqual([...ids].sort());
  expect(items.map(({ diedAt }) => diedAt)).toEqual(
    items
      .map(({ diedAt }) => diedAt)
      .sort()
      .reverse(),
  );
  expect(items[0]).toMatchObject({
    status: "dead",
    reason: "rejected",
    cause: expect.stringMatching(/^cs_/),
    diedAt: items[0]?.endedAt,
  });
});

it("filters by connector, reason, cause, contact and time, and totals only what an index counts", async () => {
  const { client, connect, die } = await setup();
  const [a, b] = [await connect(), await connect()];
  const rejected = await die(a, { contactId: "1" });
  const unknown = await die(a, { contactId: "2", outcome: { kind: "ambiguous", detail: "reset" }, reason: "unknown" });
  const other = await die(b, { contactId: "1" });
  const [{ cause = "", diedAt = "" } = {}] = (await client.deadLetters({ contactId: "2" })).items;

  const found = async (search: Parameters<typeof client.deadLetters>[0]) => {
    const { items, total } = await client.deadLetters(search);
    return { ids: items.map(({ id }) => id), total };
  };
  expect(await found({ connectorId: a.id })).toEqual({ ids: [unknown, rejected], total: 2 });
  expect(await found({ reason: "rejected" })).toEqual({ ids: [other, rejected], total: 2 });
  expect(await found({ connectorId: a.id, reason: "rejected" })).toEqual({ ids: [rejected], total: 1 });
  expect(await found({ cause })).toEqual({ ids: [unknown], total: 1 });
  expect(await found({ contactId: "1" })).toEqual({ ids: [other, rejected], total: undefined });
  expect(await found({ contactId: "1", connectorId: b.id })).toEqual({ ids: [other], total: undefined });
  expect(await found({ cause, connectorId: a.id })).toEqual({ ids: [unknown], total: undefined });
  expect(await found({ cause, reason: "rejected" })).toEqual({ ids: [], total: undefined });
  expect((await found({ from: diedAt })).ids).toContain(unknown);
  expect((await found({ to: diedAt })).ids).not.toContain(unknown);
  expect(await found({ connectorId: "cn_nobody" })).toEqual({ ids: [], total: 0 });
});

it("finds those whose signal may have arrived, and those whose cannot have", async () => {
  const { call, client, connect, die } = await setup();
  const connector = await connect();
  const rejected = await die(connector);
  const unknown = await die(connector, { outcome: { kind: "ambiguous", detail: "reset" }, reason: "unknown" });
  const found = async (mayHaveArrived: "true" | "false") => {
    const { items, total } = await client.deadLetters({ connectorId: connector.id, mayHaveArrived });
    return { ids: items.map(({ id }) => id), total };
  };
  expect(await found("true")).toEqual({ ids: [unknown], total: undefined });
  expect(await found("false")).toEqual({ ids: [rejected], total: undefined });
  expect(await call("GET", `${DEAD_LETTERS}?mayHaveArrived=perhaps`)).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/mayHaveArrived" }] },
  });
});

it("keeps the bounds of its own query where a cursor comes from another", async () => {
  const { client, connect, die } = await setup();
  const connector = await connect();
  const first = await die(connector);
  await die(connector);
  await die(connector);
  const { nextCursor = "" } = await client.deadLetters({ limit: 1 });
  const { diedAt } = await client
    .handoffs()
    .then(({ items }) => ({ diedAt: items.find(({ id }) => id === first)?.endedAt ?? "" }));
  const page = await client.deadLetters({ cursor: nextCursor, to: diedAt });
  expect(page.items).toEqual([]);
});

it("groups failures that are alike, over connectors, the most frequent first", async () => {
  const { client, connect, die } = await setup({ BATON_SHARDS: "2" });
  const [a, b] = [await connect(), await connect()];
  await die(a, {
    outcome: { kind: "ambiguous", httpStatus: 502, detail: "Request 81234567 failed" },
    reason: "exhausted",
  });
  await die(b, {
    outcome: { kind: "ambiguous", httpStatus: 502, detail: "Request 99999999 failed" },
    reason: "exhausted",
  });
  const last = await die(b, {
    outcome: { kind: "ambiguous", httpStatus: 502, detail: "request 1 failed" },
    reason: "exhausted",
  });
  const single = await die(a);

  const { items } = await client.causes();
  expect(items).toMatchObject([
    { reason: "exhausted", httpStatus: 502, detail: "request # failed", count: 3, sampleId: last },
    {
      reason: "rejected",
      httpStatus: 400,
      detail: "contact is not active",
      count: 1,
      sampleId: single,
      connectors: [a.id],
    },
  ]);
  expect([...(items[0]?.connectors ?? [])].sort()).toEqual([a.id, b.id].sort());
  expect((await client.causes({ connectorId: b.id })).items).toMatchObject([{ count: 2, connectors: [b.id] }]);

  const { items: firstPage, nextCursor } = await client.causes({ limit: 1 });
  const { items: secondPage, ...end } = await client.causes({ limit: 1, cursor: nextCursor ?? "" });
  expect([...firstPage, ...secondPage]).toEqual(items);
  expect(end).toEqual({ total: 2 });
});

it("gives every row of causes a reason, also `other`", async () => {
  const { client, connect, die } = await setup();
  const connector = await connect();
  for (let i = 0; i < 202; i++) {
    const word = [...String(i)].map((digit) => "ghijklmnop".charAt(Number(digit))).join("");
    await die(connector, { outcome: { kind: "rejected", httpStatus: 400, detail: word } });
  }
  const { items } = await client.causes({ limit: 500 });
  expect(items).toHaveLength(201);
  expect(items[0]).toMatchObject({ cause: "other", reason: "rejected", count: 2 });
  expect(await client.deadLetters({ cause: "other" })).toMatchObject({ total: 2 });
});

it("replays a dead letter: queued again, with a job, and out of the dead letters", async () => {
  const { call, client, connect, die, totals, hasDeadLetterJob } = await setup();
  const id = await die(await connect());
  const answer = await call("POST", `${DEAD_LETTERS}/${id}/replay`, { note: "CXone is repaired", deadlineMs: 120_000 });
  expect(answer).toMatchObject({ status: 202, body: { id, status: "queued", replays: 1, waitingFor: null } });
  expect(Date.parse(answer.body.deadlineAt) - Date.parse(answer.body.nextAttemptAt)).toBe(120_000);
  expect((await totals()).jobs).toMatchObject([{ waiting: 1, active: 0, delayed: 0 }]);
  expect(await hasDeadLetterJob(id, 1)).toBe(false);
  expect(await client.deadLetters()).toMatchObject({ items: [], total: 0 });
  expect((await client.causes()).items).toEqual([]);
});

it("lets exactly one of two simultaneous replays win", async () => {
  const { call, connect, die, totals } = await setup();
  const id = await die(await connect());
  const answers = await Promise.all([
    call("POST", `${DEAD_LETTERS}/${id}/replay`),
    call("POST", `${DEAD_LETTERS}/${id}/replay`),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
  expect(answers.find(({ status }) => status === 409)?.body.type).toBe("urn:baton:problem:not-dead");
  expect((await totals()).jobs).toMatchObject([{ waiting: 1, active: 0, delayed: 0 }]);
});

it("replays what may have arrived only by force", async () => {
  const { call, client, connect, die } = await setup();
  const id = await die(await connect(), { outcome: { kind: "ambiguous", detail: "socket reset" }, reason: "unknown" });
  expect(await call("POST", `${DEAD_LETTERS}/${id}/replay`, {})).toMatchObject({
    status: 409,
    body: { type: "urn:baton:problem:may-duplicate" },
  });
  expect(await client.deadLetters()).toMatchObject({ total: 1 });
  expect(await client.replay(id, { force: true })).toMatchObject({
    status: "queued",
    mayHaveArrived: true,
    replays: 1,
  });
});

it("discards a dead letter for good", async () => {
  const { call, client, connect, die, hasDeadLetterJob } = await setup();
  const id = await die(await connect());
  expect(await hasDeadLetterJob(id, 1)).toBe(true);
  expect(await client.discard(id, { note: "test call" })).toMatchObject({
    id,
    status: "discarded",
    reason: "rejected",
  });
  expect(await hasDeadLetterJob(id, 1)).toBe(false);
  expect(await client.deadLetters()).toMatchObject({ items: [], total: 0 });
  expect(await call("POST", `${DEAD_LETTERS}/${id}/replay`)).toMatchObject({
    status: 409,
    body: { type: "urn:baton:problem:not-dead" },
  });
  expect(await call("POST", `${DEAD_LETTERS}/${id}/discard`)).toMatchObject({
    status: 409,
    body: { type: "urn:baton:problem:not-dead" },
  });
});

it("replays and discards nothing that is not dead, or not there", async () => {
  const { call, connect, accept } = await setup();
  const { handoff } = await accept(await connect());
  const unknown = handoff.id.slice(0, -1) + (handoff.id.endsWith("0") ? "1" : "0");
  for (const verb of ["replay", "discard"]) {
    expect(await call("POST", `${DEAD_LETTERS}/${handoff.id}/${verb}`)).toMatchObject({
      status: 409,
      body: { type: "urn:baton:problem:not-dead" },
    });
    for (const id of ["ho_unknown", "cn_0001JD9X4A6P3S8TZN5GHWMK2D", unknown, "%7B", "a%20b"]) {
      expect(await call("POST", `${DEAD_LETTERS}/${id}/${verb}`)).toMatchObject({
        status: 404,
        body: { type: "urn:baton:problem:not-found" },
      });
    }
  }
});

it("refuses a replay for which the connector has no room", async () => {
  const { call, connect, die, accept } = await setup({ BATON_MAX_PENDING: "1" });
  const connector = await connect();
  const id = await die(connector, { contactId: "1" });
  await accept(connector, { contactId: "2" });
  const answer = await call("POST", `${DEAD_LETTERS}/${id}/replay`);
  expect(answer).toMatchObject({ status: 429, body: { type: "urn:baton:problem:backlog-full" } });
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
});

it("counts replays by their result", async () => {
  const { call, connect, die } = await setup();
  const id = await die(await connect());
  await call("POST", `${DEAD_LETTERS}/${id}/replay`);
  await call("POST", `${DEAD_LETTERS}/${id}/replay`);
  const { text } = await call("GET", "/metrics");
  expect(text).toContain('baton_replays_total{result="replayed"} 1');
  expect(text).toContain('baton_replays_total{result="not-dead"} 1');
});

it("keeps what operators make of a cause, with its author, and opens it again once it was empty and comes back", async () => {
  const { client, call, connect, die } = await setup({ BATON_SHARDS: "2" });
  const connector = await connect();
  const [first, second] = [await die(connector, { contactId: "1" }), await die(connector, { contactId: "2" })];
  const [cause] = (await client.causes()).items;
  expect(cause).toMatchObject({ state: "open", count: 2, lastHour: 2, httpStatus: 400 });
  expect(cause).not.toHaveProperty("by");
  const id = cause?.cause ?? "";

  const ana = await client.createAdminKey({ name: "Ana", role: "operator" });
  const asAna = { authorization: `Bearer ${ana.token}` };
  const patch = (body: unknown) => call("PATCH", `/admin/v1/dead-letters/causes/${id}`, body, asAna);
  expect((await patch({ state: "acknowledged", note: "case 4711" })).body).toMatchObject({
    state: "acknowledged",
    note: "case 4711",
    by: "Ana",
    changedAt: expect.any(String),
  });
  expect((await client.causes({ state: "acknowledged" })).items.map(({ cause }) => cause)).toEqual([id]);
  expect((await client.causes({ state: "open" })).items).toEqual([]);
  // More of them, and fewer, change nothing; nor does a note.
  await die(connector, { contactId: "3" });
  await client.discard(first);
  expect((await patch({ note: "case 4712" })).body).toMatchObject({
    state: "acknowledged",
    note: "case 4712",
    count: 2,
  });
  const { items } = await client.audit({ action: "cause.change" });
  expect(items[0]).toMatchObject({ targetId: id, actor: { name: "Ana" }, note: "case 4712" });
  expect(items[1]).toMatchObject({ about: { state: "acknowledged" } });

  for (const { id } of (await client.deadLetters()).items) await client.discard(id);
  expect(second).not.toBe(first);
  expect((await client.causes()).items).toEqual([]);
  await die(connector, { contactId: "4" });
  expect((await client.causes({ connectorId: connector.id })).items).toMatchObject([
    { cause: id, state: "open", note: "case 4712", by: "Ana", reopenedAt: expect.any(String) },
  ]);
  expect((await patch({ state: "ignored", note: "" })).body).toMatchObject({ state: "ignored" });
  const [ignored] = (await client.causes()).items;
  expect([ignored?.state, ignored?.note, ignored?.reopenedAt]).toEqual(["ignored", undefined, undefined]);
});

it("does not open a cause again that one shard alone has lost", async () => {
  const { client, connect, die } = await setup({ BATON_SHARDS: "2" });
  const shardOfId = ({ id }: { id: string }) => id.slice(0, 5);
  const [a, ...others] = await Promise.all(Array.from({ length: 12 }, () => connect()));
  const b = others.find((other) => a !== undefined && shardOfId(other) !== shardOfId(a));
  if (a === undefined || b === undefined) throw new Error("twelve connectors on one of two shards");
  const [mine] = [await die(a, { contactId: "1" }), await die(b, { contactId: "2" })];
  const [cause] = (await client.causes()).items;
  await client.patchCause(cause?.cause ?? "", { state: "ignored" });
  await client.discard(mine);
  await die(a, { contactId: "3" });
  expect((await client.causes()).items).toMatchObject([{ state: "ignored", count: 2, connectorsTotal: 2 }]);
});

it("refuses in words a cause that has no dead letters, a state that is none, and a note of 10 KB", async () => {
  const { call, connect, die } = await setup();
  await die(await connect());
  const { cause } = (await call("GET", "/admin/v1/dead-letters/causes")).body.items[0];
  const patch = (id: string, body: unknown) => call("PATCH", `/admin/v1/dead-letters/causes/${id}`, body);
  const missing = await patch("cs_nothing", { state: "ignored" });
  expect([missing.status, missing.body.detail]).toEqual([404, "there is no cause cs_nothing"]);
  for (const body of [{}, { state: "closed" }, { note: "x".repeat(10_240) }, { by: "me" }]) {
    const answer = await patch(cause, body);
    expect([answer.status, answer.body.errors.length > 0]).toEqual([400, true]);
  }
  expect((await call("GET", "/admin/v1/dead-letters/causes?state=closed")).status).toBe(400);
});
