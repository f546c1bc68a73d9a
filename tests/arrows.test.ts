/**
 * Arrows between packages point down only (docs/architecture.md); Biome holds what is imported against the manifests.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const PACKAGES = ["domain", "redis", "handoffs", "registry", "cxone", "vault", "api", "telemetry", "runtime"];
const APPS = ["ingress", "worker", "admin", "simulator"];
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(PACKAGES.map((name) => [name, ["domain"]])),
  ...Object.fromEntries(APPS.map((name) => [name, PACKAGES])),
  domain: [],
  handoffs: ["domain", "redis"],
  registry: ["domain", "redis"],
  simulator: ["runtime"],
  // It only knows the shapes of admin's answers.
  console: ["api", "domain"],
  cli: [...APPS, ...PACKAGES],
};

const manifests = globSync("{apps,packages}/*/package.json", { cwd: ROOT }).map((path) =>
  JSON.parse(readFileSync(join(ROOT, path), "utf8")),
);

it.each(manifests)(
  "$name depends on nothing above it or beside it",
  ({ name, dependencies, optionalDependencies, peerDependencies }) => {
    const own = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }).filter((each) =>
      each.startsWith("@baton/"),
    );
    const allowed = ALLOWED[name.slice("@baton/".length)]?.map((each) => `@baton/${each}`);
    expect(allowed).toEqual(expect.arrayContaining(own));
  },
);
