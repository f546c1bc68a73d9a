/** The worker process. */
import { runServer } from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { composeWorker } from "./compose.ts";
import { readWorkerConfig } from "./config.ts";

await runServer({ name: "worker", readConfig: readWorkerConfig, createLog, compose: composeWorker });
