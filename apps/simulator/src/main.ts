/** The simulator as a process of its own. */
import { bind, exitOnConfigurationFault, type Log, readEnvironment, runProcess, variables } from "@baton/runtime";
import { startSimulator } from "./simulator.ts";

const config = exitOnConfigurationFault("simulator", () => readEnvironment(variables));
const log = createLineLog();

await runProcess({
  name: "simulator",
  log,
  drainMs: config.BATON_DRAIN_MS,
  shutdownMs: config.BATON_SHUTDOWN_MS,
  start: async (life) => {
    const address = { host: config.BATON_HOST, port: config.BATON_SIMULATOR_PORT, variable: "BATON_SIMULATOR_PORT" };
    const simulator = await bind(address, () => startSimulator({ ...address, ready: () => !life.closing }));
    life.use(simulator, "simulator");
    log.info({ url: simulator.url }, "listening");
  },
});

/** The simulator logs its start and its end, one line of JSON each; what it was asked is at `/__sim/signals`. */
function createLineLog(): Log {
  const line = (level: string) => (fields: object, message: string) => {
    const error = "err" in fields && fields.err instanceof Error ? { err: fields.err.message } : {};
    process.stdout.write(
      `${JSON.stringify({ time: new Date().toISOString(), level, ...fields, ...error, msg: message })}\n`,
    );
  };
  return { debug: () => undefined, info: line("info"), warn: line("warn"), error: line("error") };
}
