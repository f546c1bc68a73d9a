/** The chart compared with the code, as far as that needs no helm. `npm run chart` has the rest. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { variables } from "@baton/runtime";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "./world/guide.ts";

const CHART = join(ROOT, "deploy/helm/baton");
const read = (file: string) => readFileSync(join(CHART, file), "utf8");

/** They come from the Secret, as files. */
const SECRETS = ["BATON_REDIS_URL", "BATON_KEYRING", "BATON_ADMIN_KEY"];
/** The chart sets them itself, or the ports of its containers stand for them. */
const OF_THE_CHART = [
  ...["BATON_DRAIN_MS", "BATON_SHUTDOWN_MS"],
  ...["BATON_INGRESS_PORT", "BATON_ADMIN_PORT", "BATON_WORKER_PORT", "BATON_SIMULATOR_PORT"],
];
/** Only the command line reads them. */
const OF_THE_COMMAND_LINE = ["BATON_INGRESS_URL", "BATON_ADMIN_URL", "BATON_TOKEN"];
const OTHERS = new Set([...SECRETS, ...OF_THE_CHART, ...OF_THE_COMMAND_LINE]);
/** What an installation may set. */
const SETTINGS = Object.keys(variables).filter((name) => !OTHERS.has(name));

interface Schema {
  readonly properties: {
    readonly config: { readonly propertyNames: { readonly anyOf: readonly { readonly enum?: readonly string[] }[] } };
  };
}

it("takes every setting that is no secret and that it does not set itself, and no other", () => {
  const { properties } = JSON.parse(read("values.schema.json")) as Schema;
  const allowed = properties.config.propertyNames.anyOf.flatMap((names) => names.enum ?? []);
  expect(allowed.toSorted()).toEqual(SETTINGS.filter((name) => name.startsWith("BATON_")).toSorted());
});

it("has a set of values that uses each of them, for `npm run chart`", () => {
  const { config, secret } = parse(read("ci/everything-values.yaml")) as {
    readonly config: Readonly<Record<string, string>>;
    readonly secret: { readonly more: Readonly<Record<string, string>> };
  };
  expect([...Object.keys(config), ...Object.keys(secret.more)]).toEqual(expect.arrayContaining(SETTINGS));
});

it("has the version of Baton", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly version: string };
  expect(parse(read("Chart.yaml"))).toMatchObject({ version, appVersion: version });
});
