import { setTimeout as sleep } from "node:timers/promises";
import type { Connector } from "@baton/domain";
import { nowWithoutEventLoopLag } from "@baton/redis/event-loop-aware-redis-timeout";
import { CommandTimeout } from "@baton/redis/lua-script";
import type { StoredConnector } from "@baton/registry/connector-store";
import { expect, it } from "vitest";
import { createReadAgentScreenPop } from "./read-agent-screen-pop.ts";

it("looks for a shared id that others use a thousand times no longer than its caller waits", async () => {
  let pages = 0;
  const never = () => Promise.reject(new Error("not reached"));
  const owner = { id: "cn_1", accountId: "acme", projectId: "p", enabled: true } as Connector;
  const read = createReadAgentScreenPop({
    findConnectorByToken: async () => ({ connector: owner }) as StoredConnector,
    handoffs: { read: never },
    async search() {
      pages += 1;
      await sleep(1);
      return { items: [], next: { score: 0, member: "another's" } };
    },
    calls: { call: never, context: never },
    vault: { open: () => Buffer.from("") },
  });
  const asked = read({
    key: "bk_1",
    accountId: "acme",
    projectId: "p",
    query: { shared_id: "1" },
    answerBy: nowWithoutEventLoopLag() + 50,
  });
  await expect(asked).rejects.toBeInstanceOf(CommandTimeout);
  await sleep(5);
  const looked = pages;
  await sleep(20);
  expect(pages).toBe(looked);
});
