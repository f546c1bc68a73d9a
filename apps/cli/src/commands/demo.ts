/** `baton demo`: the main job, from POST to replay, on real HTTP. */
import { Command } from "commander";
import type { DemoOptions } from "../demo/run-demo.ts";
import { JSON_OPTION } from "../option-parsers.ts";

const HELP = `
It starts Redis (or uses BATON_REDIS_URL), a simulator of CXone, ingress, worker and admin, hands off, replays what
died, and keeps running until Ctrl-C, for you to play with.`;

export function createDemoCommand(): Command {
  return new Command("demo")
    .description("watch handoffs being delivered, retried, dead-lettered and replayed, against a simulator")
    .option("--exit", "end with the demo: 0 when everything ended as it should, else 1")
    .option(JSON_OPTION[0], "print the summary as JSON, and the rest to stderr")
    .addHelpText("after", HELP)
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import("../demo/run-demo.ts");
      await runDemo(options);
    });
}
