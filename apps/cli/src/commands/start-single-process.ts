/** `baton ingress`, `worker`, `admin` and `simulator`: each process by itself. */
import { Command } from "commander";

export function createIngressProcessCommand(): Command {
  return new Command("ingress").description("take handoffs over HTTP (BATON_INGRESS_PORT)").action(async () => {
    await import("@baton/ingress/main");
  });
}

export function createWorkerProcessCommand(): Command {
  return new Command("worker")
    .description("signal CXone (BATON_WORKER_PORT serves its health and metrics)")
    .action(async () => {
      await import("@baton/worker/main");
    });
}

export function createAdminProcessCommand(): Command {
  return new Command("admin").description("serve the operators' API (BATON_ADMIN_PORT)").action(async () => {
    await import("@baton/admin/main");
  });
}

export function createSimulatorProcessCommand(): Command {
  return new Command("simulator").description("stand in for CXone (BATON_SIMULATOR_PORT)").action(async () => {
    await import("@baton/simulator/main");
  });
}
