import { expect, it } from "vitest";
import { startIntake } from "./world/baton.ts";

/** More handoffs than one look at an index takes in. */
const MANY = 600;

it("lists a connector's own handoffs by contact, shared id and status, the newest first, and never another's", async () => {
  const { client, createConnector, clientOf } = await startIntake();
  const other = clientOf(await createConnector());
  const send = async (body: Parameters<typeof client.send>[0], by = client) => (await by.send(body)).id;
  const first = await send({ contactId: "1", sharedId: "conversation 1" });
  await send({ contactId: "1", sharedId: "conversation 1" }, other);
  const second = await send({ contactId: "1" });
  const third = await send({ contactId: "2", sharedId: "conversation 1" });
  await client.cancel(second);
  const found = async (search: Parameters<typeof client.list>[0]) =>
    (await client.list(search)).items.map(({ id }) => id);

  expect(await found({})).toEqual([third, second, first]);
  expect(await found({ contactId: "1" })).toEqual([second, first]);
  expect(await found({ sharedId: "conversation 1" })).toEqual([third, first]);
  expect(await found({ contactId: "1", sharedId: "conversation 1" })).toEqual([first]);
  expect(await found({ status: "cancelled" })).toEqual([second]);
  expect(await found({ contactId: "1", status: "queued" })).toEqual([first]);
  expect(await found({ sharedId: "conversation 2" })).toEqual([]);
  expect((await client.list({ sharedId: "conversation 1" })).items[1]).toEqual(await client.get(first));
});

it("lists the handoffs of a batch, which are accepted within one millisecond, the newest first, too", async () => {
  const { client } = await startIntake();
  const results = await client.sendBatch(Array.from({ length: 30 }, () => ({ contactId: "1" })));
  const sent = results.map(({ handoff }) => handoff?.id);
  expect((await client.list({})).items.map(({ id }) => id)).toEqual(sent.toReversed());
});

it("pages through them without missing or repeating one", async () => {
  const { client, sendMany } = await startIntake();
  const sent = (await sendMany(12)).map(({ id }) => id);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.list({ limit: 5, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(seen.sort()).toEqual(sent.sort());
});

it("finds them among many of another connector, and its cursor does not show whose those are", async () => {
  const { client, createConnector, clientOf, raw } = await startIntake();
  const other = clientOf(await createConnector());
  const own = await client.send({ contactId: "1", sharedId: "shared" });
  const last = [];
  for (let sent = 0; sent < MANY; sent += 100) {
    last.push(...(await other.sendBatch(Array.from({ length: 100 }, () => ({ contactId: "1", sharedId: "shared" })))));
  }
  expect((await client.list({ sharedId: "shared" })).items).toEqual([own]);

  const mine = await client.send({ contactId: "1", sharedId: "shared" });
  const { items, nextCursor = "" } = await client.list({ sharedId: "shared", limit: 1 });
  expect(items).toMatchObject([{ id: mine.id }]);
  expect(Buffer.from(nextCursor, "base64url").toString("latin1")).not.toMatch(/ho_|\d{13}/);
  expect((await client.list({ sharedId: "shared", cursor: nextCursor })).items).toEqual([own]);
  for (const [path, connector] of [
    [`/v1/handoffs?cursor=${nextCursor}`, "other"],
    ["/v1/handoffs?cursor=nonsense", "own"],
    [`/v1/handoffs?cursor=${Buffer.from('[1,"ho_1"]').toString("base64url")}`, "own"],
  ] as const) {
    const refused =
      connector === "own"
        ? raw({ method: "GET", path }).then(({ json }) => json)
        : other.list({ cursor: nextCursor }).catch(({ problem }) => problem);
    expect(await refused).toMatchObject({
      type: "urn:baton:problem:invalid-request",
      errors: [{ pointer: "/cursor" }],
    });
  }
});

it.each([
  { what: "a member that is none", query: "connectorId=cn_1", pointer: "/connectorId" },
  { what: "a contact id of no digits", query: "contactId=x", pointer: "/contactId" },
  { what: "a status that is none", query: "status=lost", pointer: "/status" },
  { what: "501 on a page", query: "limit=501", pointer: "/limit" },
  { what: "the same twice", query: "sharedId=a&sharedId=b", pointer: "/sharedId" },
])("refuses $what", async ({ query, pointer }) => {
  const { raw } = await startIntake();
  const refused = await raw({ method: "GET", path: `/v1/handoffs?${query}` });
  expect(refused).toMatchObject({
    status: 400,
    json: { type: "urn:baton:problem:invalid-request", errors: [{ pointer }] },
  });
});
