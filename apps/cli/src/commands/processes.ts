/** `baton ingress`, `worker`, `admin` and `simulator`: each process by itself. */
import { Command } from "commander";

export function ingressCommand(): Command {
  return new Command("ingress").description("take handoffs over HTTP (BATON_INGRESS_PORT)").action(async () => {
    await import("@baton/ingress/main");
  });
}

export function workerCommand(): Command {
  return new Command("worker")
    .description("signal CXone (BATON_WORKER_PORT serves its health and metrics)")
    .action(async () => {
      await import("@baton/worker/main");
    });
}

export function adminCommand(): Command {
  return new Command("admin").description("serve the operators' API (BATON_ADMIN_PORT)").action(async () => {
    await import("@baton/admin/main");
  });
}

export function simulatorCommand(): Command {
  return new Command("simulator").description("stand in for CXone (BATON_SIMULATOR_PORT)").action(async () => {
    await import("@baton/simulator/main");
  });
}
