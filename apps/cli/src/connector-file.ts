/** Connectors in a file: YAML or JSON with the fields that the admin API takes, and secrets as `${ENV_NAME}`. */
import { readFileSync } from "node:fs";
import type { ConnectorBody } from "@baton/api";
import { type Document, isPair, isScalar, LineCounter, parseAllDocuments, visit } from "yaml";
import { Misuse } from "./command-errors.ts";
import { pluralize } from "./number-format.ts";

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
const STDIN = 0;
/** SECRETS are the credentials that open something by themselves; the other two name whose they are. */
const SECRETS = ["clientSecret", "accessKeySecret"] as const;

/** FileConnector is a connector as a file has it; the API checks it. */
export type FileConnector = Readonly<Record<string, unknown>>;

/** ConnectorFile is what was read; `literals` points at secrets that stand in the file themselves. */
export interface ConnectorFile {
  readonly connectors: readonly FileConnector[];
  readonly literals: readonly string[];
}

/**
 * readConnectorFile reads `file`, or stdin for `-`: one connector, a list of them, or `{connectors: […]}`; in YAML in
 * any number of documents. `${NAME}` inside a text stands for the variable of that name. Throws Misuse for what holds
 * no connector, and one that names every variable that is not set.
 */
export function readConnectorFile(file: string, env: NodeJS.ProcessEnv = process.env): ConnectorFile {
  const name = file === "-" ? "stdin" : file;
  const written = parseJsonOrYamlDocuments(readText(file), name).flatMap(connectorsIn);
  if (written.length === 0 || !written.every(isObject)) {
    throw new Misuse(`${name} holds no connectors; \`baton connectors apply --help\` shows one`);
  }
  const missing = new Set<string>();
  const connectors = written.map((connector) => fillInVariables(connector, env, missing)).filter(isObject);
  if (missing.size > 0) {
    throw new Misuse(
      `${name} refers to what is not set in the environment: ${[...missing].join(", ")}; nothing was sent`,
    );
  }
  return { connectors, literals: written.flatMap(findLiteralSecrets) };
}

/** readOneConnectorFromFile is readConnectorFile for a file with one connector. Throws Misuse where there are more. */
export function readOneConnectorFromFile(file: string, env?: NodeJS.ProcessEnv): ConnectorBody {
  const { connectors } = readConnectorFile(file, env);
  const [connector] = connectors;
  if (connector === undefined || connectors.length > 1) {
    throw new Misuse(
      `${file} holds ${pluralize(connectors.length, "connector")}; \`baton connectors apply\` takes several`,
    );
  }
  // The API judges what is in it.
  return connector as unknown as ConnectorBody;
}

function readText(file: string): string {
  try {
    return readFileSync(file === "-" ? STDIN : file, "utf8");
  } catch (error) {
    throw new Misuse(`cannot read ${file}; name a file with connectors as YAML or JSON, or - for stdin`, {
      cause: error,
    });
  }
}

function connectorsIn(document: unknown): readonly unknown[] {
  if (document === null) return [];
  if (Array.isArray(document)) return document;
  const isList = isObject(document) && Array.isArray(document.connectors) && Object.keys(document).length === 1;
  return isList ? connectorsIn(document.connectors) : [document];
}

function fillInVariables(value: unknown, env: NodeJS.ProcessEnv, missing: Set<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => fillInVariables(item, env, missing));
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fillInVariables(item, env, missing)]));
  if (typeof value !== "string") return value;
  return value.replaceAll(REFERENCE, (reference, name: string) => {
    if (!env[name]) missing.add(name);
    return env[name] ?? reference;
  });
}

function findLiteralSecrets({ name, credentials }: FileConnector): readonly string[] {
  if (!isObject(credentials)) return [];
  const given = SECRETS.filter(
    (secret) => typeof credentials[secret] === "string" && credentials[secret].search(REFERENCE) < 0,
  );
  return given.map((secret) => `credentials.${secret} of ${JSON.stringify(name)}`);
}

function isObject(value: unknown): value is FileConnector {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * parseJsonOrYamlDocuments reads JSON, or YAML 1.2 with any number of documents, anchors and merge keys; `file` is how
 * messages name it. Outside `delivery` no member of a connector is a number, so what looks like one there is taken as
 * it is written: `businessUnit: 0045`, `- +15550100100`. Throws Misuse with line and column; what stands there may be a
 * secret, and is not repeated.
 */
export function parseJsonOrYamlDocuments(text: string, file: string): readonly unknown[] {
  const json = parseJson(text);
  if (json !== undefined) return [json];
  const lines = new LineCounter();
  // Without documents it gives an empty list with a mark of its own; a copy is a plain one.
  const documents = [
    ...parseAllDocuments(text, { lineCounter: lines, merge: true, prettyErrors: false, logLevel: "silent" }),
  ];
  return documents.map((document) => {
    const [error] = document.errors;
    if (error === undefined) return toPlainValue(document, file);
    const { line, col } = lines.linePos(error.pos[0]);
    throw new Misuse(`${file} is neither JSON nor YAML: line ${line}, column ${col} (${error.code})`);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toPlainValue(document: Document, file: string): unknown {
  visit(document, {
    Scalar(_key, node, path) {
      const isNumber = path.some((step) => isPair(step) && isScalar(step.key) && step.key.value === "delivery");
      if (typeof node.value === "number" && !isNumber) node.value = node.source;
    },
  });
  try {
    return document.toJS();
  } catch {
    throw new Misuse(`${file} is no YAML that can be read: its aliases lead nowhere, or to too much`);
  }
}
