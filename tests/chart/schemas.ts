/** Every rendered object against the schema of its kind: by kubernetes-validate, or by a model of the kind. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { run } from "../tools/run.ts";
import type { CheckContext } from "./main.ts";
import { type KubernetesObject, render, VALUES } from "./render.ts";

/** The oldest that Chart.yaml allows, and the newest that kubernetes-validate knows. */
const KUBERNETES_VERSIONS = ["1.27", "1.37"];

/** Which npm package has the models of a group that is not Kubernetes's own. */
const MODELS: Readonly<Record<string, string>> = {
  "keda.sh": "@kubernetes-models/keda",
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
};

/** Model is a class of such a package; `validate` throws with the field and what is wrong with it. */
type Model = new (data: KubernetesObject) => { validate(): void };

/** checkObjects looks at all objects of all sets of values. */
export async function checkObjects({ tools, folder }: CheckContext): Promise<void> {
  const files: string[] = [];
  for (const [index, values] of VALUES.entries()) {
    const objects = await render(tools, values);
    const ofKubernetes = objects.filter((object) => modelsOf(object) === undefined);
    const file = join(folder, `${index}.yaml`);
    // JSON is YAML.
    writeFileSync(file, ofKubernetes.map((object) => JSON.stringify(object)).join("\n---\n"));
    files.push(file);
    for (const object of objects) await checkByModel(object, tools.models);
  }
  for (const version of KUBERNETES_VERSIONS) {
    const command = [tools.python, "-m", "kubernetes_validate", "--strict", "--kubernetes-version", version];
    const said = await run([...command, ...files], { cwd: folder });
    if (/^WARN/m.test(said)) throw new Error(said);
  }
}

function modelsOf({ apiVersion }: KubernetesObject): string | undefined {
  return MODELS[apiVersion.split("/")[0] ?? ""];
}

async function checkByModel(object: KubernetesObject, folder: string): Promise<void> {
  const models = modelsOf(object);
  if (models === undefined) return;
  const { apiVersion, kind, metadata } = object;
  const path = join(folder, "node_modules", models, apiVersion, `${kind}.js`);
  const { [kind]: model } = (await import(pathToFileURL(path).href)) as Readonly<Record<string, Model>>;
  if (model === undefined) throw new Error(`${models} has no ${kind}`);
  try {
    new model(object).validate();
  } catch (error) {
    throw new Error(`${kind} ${metadata.name}: ${error}`, { cause: error });
  }
}
