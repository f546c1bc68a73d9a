import { expect, it } from "vitest";
import { elapse } from "../../../../packages/handoffs/testing/elapse.ts";
import { setup, useRedis } from "../../testing/world.ts";

useRedis();

it("lists causes by what came most in the last hour, or last, page by page", async () => {
  const { client, call, connect, die, shards, redis } = await setup();
  const connector = await connect();
  const fail = async (detail: string, count: number) => {
    for (let died = 0; died < count; died++)
      await die(connector, { outcome: { kind: "rejected", httpStatus: 400, detail } });
  };
  const elapseMinutes = (minutes: number) =>
    Promise.all(shards.tags.map((tag) => elapse(redis, tag, minutes * 60_000)));
  await fail("old", 4);
  await elapseMinutes(90);
  await fail("now", 3);
  await elapseMinutes(30);
  await fail("last", 1);
  const order = async (sort?: "count" | "lastHour" | "latest") => {
    const words: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.causes({ limit: 1, ...(sort && { sort }), ...(cursor && { cursor }) });
      expect(page.total).toBe(3);
      words.push(...page.items.map(({ detail }) => detail));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return words;
  };
  expect(await order()).toEqual(["old", "now", "last"]);
  expect(await order("count")).toEqual(["old", "now", "last"]);
  expect(await order("lastHour")).toEqual(["now", "last", "old"]);
  expect(await order("latest")).toEqual(["last", "now", "old"]);
  expect((await client.causes({ state: "ignored" })).total).toBe(0);
  const refused = await call("GET", "/admin/v1/dead-letters/causes?sort=reason");
  expect([refused.status, refused.body.errors[0].pointer]).toEqual([400, "/sort"]);
});
