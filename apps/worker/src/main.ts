/** The worker process. */
import { runServerProcess } from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { composeWorker } from "./compose.ts";
import { readWorkerConfig } from "./config.ts";

await runServerProcess({ name: "worker", readConfig: readWorkerConfig, createLog, compose: composeWorker });
