/** The worker's configuration, from the environment. */
import { parseAllowedHosts } from "@baton/cxone";
import { parseRedisUrl } from "@baton/redis/connection";
import { createEnvironmentVariableSchemas, type Environment, readEnvironment } from "@baton/runtime";
import { parseKeyring } from "@baton/vault";

const schema = createEnvironmentVariableSchemas({ parseRedisUrl, parseKeyring, parseAllowedHosts });

/** WorkerConfig is every variable of the table in docs/configuration.md, read. */
export type WorkerConfig = Environment<typeof schema>;

/** readWorkerConfig throws a ConfigurationFault that lists everything wrong. */
export function readWorkerConfig(env: NodeJS.ProcessEnv = process.env): WorkerConfig {
  return readEnvironment(schema, env);
}
