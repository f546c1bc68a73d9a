/** The worker process. */
import { exitOnConfigurationFault, runProcess } from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { composeWorker } from "./compose.ts";
import { readWorkerConfig } from "./config.ts";

const config = exitOnConfigurationFault("worker", () => readWorkerConfig());
const log = createLog({ name: "worker", level: config.BATON_LOG_LEVEL });
await runProcess({
  name: "worker",
  log,
  drainMs: config.BATON_DRAIN_MS,
  shutdownMs: config.BATON_SHUTDOWN_MS,
  start: async (life) => {
    const { url } = await composeWorker(config, life, log);
    log.info({ url }, "listening");
  },
});
