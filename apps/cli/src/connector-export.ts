/**
 * Exporting connectors: as `baton connectors apply` takes them, a variable of the environment in place of each secret.
 */
import { type ConnectorJson, CREDENTIAL_NAMES, type CredentialName } from "@baton/api";
import { stringify } from "yaml";
import type { FileConnector } from "./connector-file.ts";

/** ConnectorExport is what goes into the file, and the variables that it refers to. */
export interface ConnectorExport {
  readonly connectors: readonly FileConnector[];
  readonly variables: readonly string[];
}

const VARIABLE_ENDINGS: Readonly<Record<CredentialName, string>> = {
  clientId: "CLIENT_ID",
  clientSecret: "CLIENT_SECRET",
  accessKeyId: "ACCESS_KEY_ID",
  accessKeySecret: "ACCESS_KEY_SECRET",
};

/**
 * createConnectorExport writes every member but id and time of creation, which are not for the file to say. `paused`
 * stands there only where it is true: applying an old file must not end a pause, and a connector made anew from it must
 * not begin to send.
 */
export function createConnectorExport(connectors: readonly ConnectorJson[]): ConnectorExport {
  const stems = variableStemsOf(connectors);
  const variables: string[] = [];
  const exported = connectors.map(
    ({ id: _id, createdAt: _createdAt, paused, credentials: _shown, cxone, delivery, ...rest }, index) => {
      const names = CREDENTIAL_NAMES.map((name): [CredentialName, string] => [
        name,
        `${stems[index]}_${VARIABLE_ENDINGS[name]}`,
      ]);
      variables.push(...names.map(([, variable]) => variable));
      const credentials = Object.fromEntries(names.map(([name, variable]) => [name, `\${${variable}}`]));
      return { ...rest, ...(paused && { paused }), cxone, credentials, delivery };
    },
  );
  return { connectors: exported, variables };
}

/** formatConnectorExport writes YAML with a word on how to use it, or JSON. */
export function formatConnectorExport({ connectors, variables }: ConnectorExport, format: "yaml" | "json"): string {
  if (format === "json") return `${JSON.stringify(connectors, null, 2)}\n`;
  const head = [
    "Connectors of Baton. Set these in the environment, then `baton connectors apply <this file>`:",
    ...variables.map((name) => `  ${name}`),
  ];
  return `${head.map((line) => `# ${line}`).join("\n")}\n${stringify(connectors, { lineWidth: 0 })}`;
}

/**
 * variableStemsOf gives each connector a name for variables, of its project, and a number behind it where another has
 * that name.
 */
function variableStemsOf(connectors: readonly ConnectorJson[]): readonly string[] {
  const taken = new Set<string>();
  return connectors.map(({ accountId, projectId, environment }) => {
    const base = ["CXONE", accountId, projectId, environment]
      .join("_")
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, "_");
    let stem = base;
    for (let next = 2; taken.has(stem); next += 1) stem = `${base}_${next}`;
    taken.add(stem);
    return stem;
  });
}
