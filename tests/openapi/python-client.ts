/** The Python clients: one by openapi-python-client, and the models by datamodel-code-generator. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../tools/run.ts";
import type { CheckContext } from "./main.ts";
import { FOLDER } from "./tools.ts";

const CLIENT = join(FOLDER, "clients/handoff.py");
/** No formatter runs over what is generated. */
const CLIENT_CONFIG = "post_hooks: []\n";

/**
 * handOffInPython generates both for both documents, and runs a program on them. A part that cannot be generated fails
 * it.
 */
export async function handOffInPython({ folder, tools, baton }: CheckContext): Promise<void> {
  const project = join(folder, "python");
  const options = { cwd: project };
  mkdirSync(project);
  writeFileSync(join(project, "config.yaml"), CLIENT_CONFIG);
  cpSync(CLIENT, join(project, "handoff.py"));
  for (const app of ["ingress", "admin"]) {
    const client = [
      "generate",
      `--path=../${app}.json`,
      "--meta=none",
      `--output-path=baton_${app}`,
      "--config=config.yaml",
      "--fail-on-warning",
    ];
    await run([tools.python, "-m", "openapi_python_client", ...client], options);
    const models = ["--output-model-type=pydantic_v2.BaseModel", "--formatters=builtin", `--output=${app}_models.py`];
    await run(
      [
        tools.python,
        "-m",
        "datamodel_code_generator",
        `--input=../${app}.json`,
        "--input-file-type=openapi",
        ...models,
      ],
      options,
    );
  }
  const env = { INGRESS_URL: baton.ingress, ADMIN_URL: baton.admin, TOKEN: baton.token, ADMIN_KEY: baton.adminKey };
  await run([tools.python, "handoff.py"], { ...options, env });
}
