import { expect, it } from "vitest";
import { setup, useRedis } from "../../testing/world.ts";

useRedis();

const CONNECTORS = "/admin/v1/connectors";

it("lists tokens and screen-pop keys without their secrets, rotates them apart, and revokes them", async () => {
  const { client, connect, call } = await setup();
  const { id } = await connect();
  const first = await client.createToken(id);
  const key = await client.createScreenPopKey(id);
  expect(key.token).toMatch(/^bk_/);
  const second = await client.createToken(id, { overlapMs: 60_000 });
  const list = await call("GET", `${CONNECTORS}/${id}/tokens`);
  expect(list.text + (await call("GET", `${CONNECTORS}/${id}/screen-pop-keys`)).text).not.toMatch(/bt_|bk_|hash/);
  const expiresAt = new Date(Date.parse(second.createdAt) + 60_000).toISOString();
  expect(
    [...list.body.items].sort((a, b) => a.createdAt.localeCompare(b.createdAt) || (a.id === first.id ? -1 : 1)),
  ).toEqual([
    { id: first.id, createdAt: first.createdAt, expiresAt },
    { id: second.id, createdAt: second.createdAt },
  ]);
  expect(await client.screenPopKeys(id)).toEqual({ items: [{ id: key.id, createdAt: key.createdAt }] });
  const page = await client.tokens(id, { limit: 1 });
  expect((await client.tokens(id, { limit: 1, cursor: page.nextCursor ?? "" })).items).toHaveLength(1);
  expect((await call("DELETE", `${CONNECTORS}/${id}/screen-pop-keys/${first.id}`)).status).toBe(404);
  await client.revokeToken(id, first.id);
  await client.revokeScreenPopKey(id, key.id);
  expect((await client.tokens(id)).items.map((token) => token.id)).toEqual([second.id]);
  expect((await client.screenPopKeys(id)).items).toEqual([]);
  expect((await call("DELETE", `${CONNECTORS}/${id}/tokens/${first.id}`)).status).toBe(404);
  expect((await call("GET", `${CONNECTORS}/cn_nobody/tokens`)).status).toBe(404);
});
