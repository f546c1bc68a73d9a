/** `baton ingress`: the process by itself. */
import { Command } from "commander";

export function ingressCommand(): Command {
  return new Command("ingress").description("take handoffs over HTTP (BATON_INGRESS_PORT)").action(async () => {
    await import("@baton/ingress/main");
  });
}
