/** The ingress process. */
import { exitOnConfigurationFault, runProcess } from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { composeIngress } from "./compose.ts";
import { readIngressConfig } from "./config.ts";

const config = exitOnConfigurationFault("ingress", () => readIngressConfig());
const log = createLog({ name: "ingress", level: config.BATON_LOG_LEVEL });
await runProcess({
  name: "ingress",
  log,
  drainMs: config.BATON_DRAIN_MS,
  shutdownMs: config.BATON_SHUTDOWN_MS,
  start: async (life) => {
    const { url } = await composeIngress(config, life, log);
    log.info({ url }, "listening");
  },
});
