/** Rendering the chart with one set of values after another. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import type { Tools } from "./tools.ts";

/** CHART is its folder. */
export const CHART = join(import.meta.dirname, "../../deploy/helm/baton");

/** VALUES are the sets of values that are tried: the least, the example, everything. */
export const VALUES = ["ci/default-values.yaml", "examples/managed-redis.yaml", "ci/everything-values.yaml"];

/** KubernetesObject is one object that was rendered. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: unknown;
}

/** render gives all objects, for a release `voice` in the namespace `calls`. */
export async function render({ helm }: Tools, values: string): Promise<readonly KubernetesObject[]> {
  const args = ["template", "voice", ".", "--namespace", "calls", "--values", values];
  const { stdout } = await promisify(execFile)(helm, args, { cwd: CHART });
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}
