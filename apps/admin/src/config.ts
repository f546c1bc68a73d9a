/** Admin's configuration, from the environment. */
import { parseAllowedHosts } from "@baton/cxone";
import { parseRedisUrl } from "@baton/redis/connection";
import { type Environment, list, readBy, readEnvironment, variables } from "@baton/runtime";
import { parseKeyring } from "@baton/vault";

const schema = {
  ...variables,
  BATON_REDIS_URL: readBy(parseRedisUrl).describe("the address of Redis, such as redis://127.0.0.1:6379"),
  BATON_KEYRING: readBy(parseKeyring).describe("`baton keygen` prints one"),
  BATON_ADMIN_KEY: variables.BATON_ADMIN_KEY.unwrap().describe(
    "the first admin key: ba_ and at least 32 characters in all",
  ),
  BATON_ALLOWED_HOSTS: readBy((value) => parseAllowedHosts(list.parse(value))).default(parseAllowedHosts([])),
};

/** AdminConfig is every variable of the table in docs/configuration.md, read. */
export type AdminConfig = Environment<typeof schema>;

/** readAdminConfig throws a ConfigurationFault that lists everything wrong. */
export function readAdminConfig(env: NodeJS.ProcessEnv = process.env): AdminConfig {
  return readEnvironment(schema, env);
}
