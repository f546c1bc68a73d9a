/** `baton simulator`: the process by itself. */
import { Command } from "commander";

export function simulatorCommand(): Command {
  return new Command("simulator").description("stand in for CXone (BATON_SIMULATOR_PORT)").action(async () => {
    await import("@baton/simulator/main");
  });
}
