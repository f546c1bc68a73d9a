import { createDeadLetterStore } from "@baton/handoffs/dead-letter-store";
import { createDeadLetterCauseStateStore } from "@baton/registry/dead-letter-cause-state-store";
import { expect, it } from "vitest";
import { setup, useRedis } from "../testing/world.ts";
import { createDeadLetterCauseUseCases } from "./dead-letter-cause-use-cases.ts";

useRedis();

it("keeps a cause ignored whose oldest dead letter goes, though this process's clock is behind Redis's", async () => {
  const { client, connect, die, redis, namespace, shards } = await setup({ BATON_SHARDS: "2" });
  const shardOfId = ({ id }: { id: string }) => id.slice(0, 5);
  const [a, ...others] = await Promise.all(Array.from({ length: 12 }, () => connect()));
  const b = others.find((other) => a !== undefined && shardOfId(other) !== shardOfId(a));
  if (a === undefined || b === undefined) throw new Error("twelve connectors on one of two shards");
  const oldest = await die(a, { contactId: "1" });
  await die(b, { contactId: "2" });
  const { listCauses, patchCause } = createDeadLetterCauseUseCases({
    deadLetters: createDeadLetterStore(shards),
    causeStates: createDeadLetterCauseStateStore(redis, namespace),
    now: () => 0,
    // Nothing here is past its deadline.
    expireOverdue: async () => undefined,
  });
  const list = () => listCauses({ sort: "count", limit: 10 });
  const [cause] = (await list()).items;
  await patchCause(cause?.cause ?? "", { state: "ignored" }, "Ana");
  await client.discard(oldest);
  expect((await list()).items).toMatchObject([{ state: "ignored", count: 1 }]);
});
