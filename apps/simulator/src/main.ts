/** The simulator as a process of its own. */
import { exitOnConfigurationFault, type Log, port, readEnvironment, runProcess, variables } from "@baton/runtime";
import { startSimulator } from "./simulator.ts";

const config = exitOnConfigurationFault(() => readEnvironment({ ...variables, BATON_SIMULATOR_PORT: port.default(8090) }));
const log = createLineLog();

await runProcess({
  name: "simulator",
  log,
  drainMs: config.BATON_DRAIN_MS,
  shutdownMs: config.BATON_SHUTDOWN_MS,
  start: async (life) => {
    const { BATON_SIMULATOR_PORT, BATON_HOST } = config;
    const simulator = await startSimulator({ port: BATON_SIMULATOR_PORT, host: BATON_HOST, ready: () => !life.closing });
    life.use(simulator, "simulator");
    log.info({ url: simulator.url }, "listening");
  },
});

/** The simulator logs its start and its end, one line of JSON each; what it was asked is at `/__sim/signals`. */
function createLineLog(): Log {
  const line = (level: string) => (fields: object, message: string) => {
    const error = "err" in fields && fields.err instanceof Error ? { err: fields.err.message } : {};
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, ...fields, ...error, msg: message })}\n`);
  };
  return { debug: () => undefined, info: line("info"), warn: line("warn"), error: line("error") };
}
