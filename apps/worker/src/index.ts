export { composeWorker, type Worker } from "./compose.ts";
export { readWorkerConfig, type WorkerConfig } from "./config.ts";
