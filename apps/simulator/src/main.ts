/** The simulator as a process of its own. */
import { bindPort, type Log, readEnvironment, runServerProcess, variables } from "@baton/runtime";
import { startSimulator } from "./simulator.ts";

await runServerProcess({
  name: "simulator",
  readConfig: () => readEnvironment(variables),
  createLog: createLineLog,
  compose: async (config, life) => {
    const address = { host: config.BATON_HOST, port: config.BATON_SIMULATOR_PORT, variable: "BATON_SIMULATOR_PORT" };
    const simulator = await bindPort(address, () => startSimulator({ ...address, ready: () => !life.closing }));
    return life.use(simulator, "simulator");
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
