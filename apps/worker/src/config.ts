/** The worker's configuration, from the environment. */
import { parseAllowedHosts } from "@baton/cxone";
import { parseRedisUrl } from "@baton/redis/connection";
import { type Environment, list, readBy, readEnvironment, variables } from "@baton/runtime";
import { parseKeyring } from "@baton/vault";

const schema = {
  ...variables,
  BATON_REDIS_URL: readBy(parseRedisUrl).describe("the address of Redis, such as redis://127.0.0.1:6379"),
  BATON_KEYRING: readBy(parseKeyring).describe("`baton keygen` prints one"),
  BATON_ALLOWED_HOSTS: readBy((value) => parseAllowedHosts(list.parse(value))).default(parseAllowedHosts([])),
};

/** WorkerConfig is every variable of the table in docs/configuration.md, read. */
export type WorkerConfig = Environment<typeof schema>;

/** readWorkerConfig throws a ConfigurationFault that lists everything wrong. */
export function readWorkerConfig(env: NodeJS.ProcessEnv = process.env): WorkerConfig {
  return readEnvironment(schema, env);
}
