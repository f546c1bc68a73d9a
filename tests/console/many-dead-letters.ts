/** Many dead letters at once, made by the scripts that ingress and worker run, and who looks at them in a browser. */
import { createBatonClient } from "@baton/api";
import { makeDeadLetters } from "../world/dead-letters.ts";
import { createWorld } from "../world/world.ts";
import { openConsole } from "./console.ts";

/** startWithManyDeadLetters has so many dead letters of one connector; no worker runs. There is no session yet. */
export async function startWithManyDeadLetters(count: number) {
  const world = await createWorld();
  const admin = await world.startAdmin();
  await makeDeadLetters(world, count);
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: admin.key });
  return { ...world, admin, operator, console: await openConsole({ url: admin.url }) };
}
