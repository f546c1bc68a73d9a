/** `baton worker`: the process by itself. */
import { Command } from "commander";

export function workerCommand(): Command {
  return new Command("worker")
    .description("signal CXone (BATON_WORKER_PORT serves its health and metrics)")
    .action(async () => {
      await import("@baton/worker/main");
    });
}
