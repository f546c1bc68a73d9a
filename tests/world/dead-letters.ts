/** Many dead letters at once, made by the scripts that ingress and worker run. */
import { fillWithHandoffs } from "../../bench/src/fill/fill-with-handoffs.ts";
import type { createWorld } from "./world.ts";

type World = Awaited<ReturnType<typeof createWorld>>;

/** makeDeadLetters makes so many dead letters of one new connector; it needs no process. */
export async function makeDeadLetters(world: World, count: number): Promise<void> {
  const { connector } = await world.createConnector();
  const order = {
    redisPort: Number(new URL(world.redisUrl).port),
    namespace: world.namespace,
    keyring: world.env.BATON_KEYRING,
    connectorIds: [connector.id],
    leftover: "dead",
    firstContact: 600_000_000_000,
    count,
  } as const;
  await fillWithHandoffs(order, { signal: () => undefined });
}
