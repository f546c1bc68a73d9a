/** What the demo says of itself before it begins. */
import { styleText } from "node:util";
import { formatFields } from "../table.ts";
import type { Demo, DemoFolder } from "./open-demo.ts";

const REDIS = {
  given: "from BATON_REDIS_URL",
  process: "a process of its own",
  container: "a container of its own",
} as const;

/** introduce lists what runs and where. */
export function introduce({ redis, namespace, simulator, addresses, moved }: Demo, { logPath }: DemoFolder): string {
  const kept = redis.kind === "given" ? `keys begin with ${namespace}` : `append-only file in ${redis.folder}`;
  const fields = formatFields({
    "  ingress": `${addresses.ingress}  takes handoffs in`,
    "  worker": `${addresses.worker}  signals CXone, retries, gives up`,
    "  admin": `${addresses.admin}  what operators ask and do`,
    "  simulator": `${simulator.url}  stands in for CXone`,
    "  redis": `${redis.address}  ${REDIS[redis.kind]}; ${kept}`,
    "  log": logPath,
  });
  const taken = moved.length === 0 ? "" : `\n\n  Not on the usual ports, which are taken: ${moved.join(", ")}.`;
  return `${fields}${styleText("yellow", taken)}`;
}
