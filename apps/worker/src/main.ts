/** The worker process. */
import { runServerProcess } from "@baton/runtime";
import { createLog } from "@baton/telemetry";
import { composeWorker } from "./compose-worker.ts";
import { readWorkerConfig } from "./worker-config.ts";

await runServerProcess({ name: "worker", readConfig: readWorkerConfig, createLog, compose: composeWorker });
