/** `baton admin`: the process by itself. */
import { Command } from "commander";

export function adminCommand(): Command {
  return new Command("admin").description("serve the operators' API (BATON_ADMIN_PORT)").action(async () => {
    await import("@baton/admin/main");
  });
}
