/** The admin process. */
import { exitOnConfigurationFault, runProcess } from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { composeAdmin } from "./compose.ts";
import { readAdminConfig } from "./config.ts";

const config = exitOnConfigurationFault("admin", () => readAdminConfig());
const log = createLog({ name: "admin", level: config.BATON_LOG_LEVEL });
await runProcess({
  name: "admin",
  log,
  drainMs: config.BATON_DRAIN_MS,
  shutdownMs: config.BATON_SHUTDOWN_MS,
  start: async (life) => {
    const { url } = await composeAdmin(config, life, log);
    log.info({ url }, "listening");
  },
});
