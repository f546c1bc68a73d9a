/** Many dead letters at once, made by the scripts that ingress and worker run, and who looks at them in a browser. */
import { createBatonClient } from "@baton/api";
import { fillWithHandoffs } from "../../bench/src/fill/fill-with-handoffs.ts";
import { createWorld } from "../world/world.ts";
import { openConsole } from "./console.ts";

/** startWithManyDeadLetters has so many dead letters of one connector; no worker runs. There is no session yet. */
export async function startWithManyDeadLetters(count: number) {
  const world = await createWorld();
  const { connector } = await world.createConnector();
  const admin = await world.startAdmin();
  const order = {
    redisPort: Number(new URL(world.redisUrl).port),
    namespace: world.namespace,
    keyring: world.env.BATON_KEYRING,
    connectorIds: [connector.id],
    leftover: "dead",
    firstContact: 100_000_000_000,
    count,
  } as const;
  await fillWithHandoffs(order, { signal: () => undefined });
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: admin.key });
  return { ...world, admin, operator, console: await openConsole({ url: admin.url }) };
}
