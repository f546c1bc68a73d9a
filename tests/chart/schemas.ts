/** Every rendered object against the schema of its kind: by kubernetes-validate, or by a model of the kind. */
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { run } from "../tools/run.ts";
import type { CheckContext } from "./main.ts";
import { type KubernetesObject, render, VALUES } from "./render.ts";

const TSC = join(import.meta.dirname, "../../node_modules/.bin/tsc");

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
export async function checkObjects(context: CheckContext): Promise<void> {
  const sets = await Promise.all(VALUES.map((values) => render(context.tools, values)));
  const objects = sets.flat();
  await validateByKubernetes(
    objects.filter((object) => modelsOf(object) === undefined),
    context,
  );
  const others = objects.filter((object) => modelsOf(object) !== undefined);
  for (const object of others) await validateByModel(object, context.tools.models);
  await checkFields(others, context);
}

async function validateByKubernetes(
  objects: readonly KubernetesObject[],
  { tools, folder }: CheckContext,
): Promise<void> {
  const file = join(folder, "objects.yaml");
  // JSON is YAML.
  writeFileSync(file, objects.map((object) => JSON.stringify(object)).join("\n---\n"));
  for (const version of KUBERNETES_VERSIONS) {
    const command = [tools.python, "-m", "kubernetes_validate", "--strict", "--kubernetes-version", version];
    const said = await run([...command, file], { cwd: folder });
    if (/^WARN/m.test(said)) throw new Error(said);
  }
}

function modelsOf({ apiVersion }: KubernetesObject): string | undefined {
  return MODELS[apiVersion.split("/")[0] ?? ""];
}

async function validateByModel(object: KubernetesObject, folder: string): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  const path = join(folder, "node_modules", modelsOf(object) ?? "", apiVersion, `${kind}.js`);
  const { [kind]: model } = (await import(pathToFileURL(path).href)) as Readonly<Record<string, Model>>;
  if (model === undefined) throw new Error(`${path} has no ${kind}`);
  try {
    new model(object).validate();
  } catch (error) {
    throw new Error(`${kind} ${metadata.name}: ${error}`, { cause: error });
  }
}

/**
 * checkFields finds fields that a kind does not have. Its model takes them without a word, and so would Kubernetes;
 * TypeScript does not, where the object is written out.
 */
async function checkFields(objects: readonly KubernetesObject[], { tools, folder }: CheckContext): Promise<void> {
  const statements = objects.map((object, index) => {
    const { apiVersion, kind, ...rest } = object;
    const from = `${modelsOf(object)}/${apiVersion}/${kind}`;
    return `import { ${kind} as Kind${index} } from "${from}";\nnew Kind${index}(${JSON.stringify(rest)});\n`;
  });
  writeFileSync(join(folder, "objects.mts"), statements.join(""));
  symlinkSync(join(tools.models, "node_modules"), join(folder, "node_modules"));
  const options = ["--noEmit", "--skipLibCheck", "--strict", "--module", "nodenext", "--target", "es2023"];
  await run([TSC, ...options, "objects.mts"], { cwd: folder });
}
