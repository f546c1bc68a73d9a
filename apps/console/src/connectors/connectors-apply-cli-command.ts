/** The command that makes or changes a connector as a form does. */
import { formatBatonCommand, quoteForShell } from "../ui/format-baton-command.ts";

/** CREDENTIAL_VARIABLES stand for credentials: no secret is ever part of a command. */
const CREDENTIAL_VARIABLES = {
  clientId: "CXONE_CLIENT_ID",
  clientSecret: "CXONE_CLIENT_SECRET",
  accessKeyId: "CXONE_ACCESS_KEY_ID",
  accessKeySecret: "CXONE_ACCESS_KEY_SECRET",
} as const;

type Credentials = Partial<Record<keyof typeof CREDENTIAL_VARIABLES, string>>;

/** Project is what a connector is known by. */
interface Project {
  readonly accountId: string;
  readonly projectId: string;
  readonly environment?: string | undefined;
}

/** ConnectorChange is what a form holds, as the API names it; `credentials` may be some of them. */
interface ConnectorChange {
  readonly name?: string;
  readonly delivery?: object | undefined;
  readonly credentials?: Credentials;
}

/**
 * formatConnectorsApplyCliCommand has `baton connectors apply` read the fields from its input: one line in every shell.
 */
export function formatConnectorsApplyCliCommand(project: Project, { credentials, ...fields }: ConnectorChange): string {
  const { accountId, projectId, environment } = project;
  const connector = {
    accountId,
    projectId,
    environment,
    ...fields,
    ...(credentials === undefined ? {} : { credentials: credentialVariables(credentials) }),
  };
  return `printf %s ${quoteForShell(JSON.stringify(connector))} | ${formatBatonCommand(["connectors", "apply", "-"])}`;
}

function credentialVariables(credentials: Credentials): Readonly<Record<string, string>> {
  const given = Object.entries(CREDENTIAL_VARIABLES).filter(([name]) => name in credentials);
  return Object.fromEntries(given.map(([name, variable]) => [name, `\${${variable}}`]));
}
