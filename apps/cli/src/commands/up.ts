/** `baton up`: ingress, worker and admin in one process, with a Redis of its own where none is given. */
import { Command } from "commander";
import { defaultDataFolder } from "../data-folder.ts";

const HELP = `
Without BATON_REDIS_URL it starts a Redis; without BATON_KEYRING and BATON_ADMIN_KEY it makes them. It keeps them all
in its data folder, on Linux $XDG_DATA_HOME/baton, else ~/.local/share/baton. Logs go to stdout, addresses, new keys
and a sign-in link for the console to stderr.`;

export function createUpCommand(): Command {
  return new Command("up")
    .description("run ingress, worker and admin in one process")
    .option("--data <folder>", "keep data and keys there", defaultDataFolder())
    .addHelpText("after", HELP)
    .action(async ({ data }: { readonly data: string }) => {
      const { runBatonUp } = await import("../run-baton-up.ts");
      await runBatonUp(data);
    });
}
