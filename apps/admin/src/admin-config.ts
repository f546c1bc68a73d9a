/** Admin's configuration, from the environment. */
import { parseAllowedHosts } from "@baton/cxone";
import { parseRedisUrl } from "@baton/redis/connection";
import { createEnvironmentVariableSchemas, type Environment, readEnvironment, variables } from "@baton/runtime";
import { parseKeyring } from "@baton/vault";

const schema = {
  ...createEnvironmentVariableSchemas({ parseRedisUrl, parseKeyring, parseAllowedHosts }),
  BATON_ADMIN_KEY: variables.BATON_ADMIN_KEY.unwrap().describe(
    "the first admin key: ba_ and at least 32 characters in all",
  ),
};

/** AdminConfig is every variable of the table in docs/configuration.md, read. */
export type AdminConfig = Environment<typeof schema>;

/** readAdminConfig throws a ConfigurationFault that lists everything wrong. */
export function readAdminConfig(env: NodeJS.ProcessEnv = process.env): AdminConfig {
  return readEnvironment(schema, env);
}
