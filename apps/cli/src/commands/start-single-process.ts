/** `baton ingress`, `worker`, `admin` and `simulator`: each process by itself. */
import { Command } from "commander";

/** PROCESSES by name: what each does, and the module that runs it. */
const PROCESSES = {
  ingress: ["take handoffs over HTTP (BATON_INGRESS_PORT)", () => import("@baton/ingress/main")],
  worker: ["signal CXone (BATON_WORKER_PORT serves its health and metrics)", () => import("@baton/worker/main")],
  admin: ["serve the operators' API (BATON_ADMIN_PORT)", () => import("@baton/admin/main")],
  simulator: ["stand in for CXone (BATON_SIMULATOR_PORT)", () => import("@baton/simulator/main")],
} as const;

/** createProcessCommands makes the command of each. */
export function createProcessCommands(): readonly Command[] {
  return Object.entries(PROCESSES).map(([name, [does, run]]) =>
    new Command(name).description(does).action(async () => {
      await run();
    }),
  );
}
