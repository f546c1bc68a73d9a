export { composeWorker, type Worker } from "./compose-worker.ts";
export { readWorkerConfig, type WorkerConfig } from "./worker-config.ts";
