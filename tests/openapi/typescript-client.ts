/** The TypeScript client: types by openapi-typescript, requests by openapi-fetch. */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../tools/run.ts";
import type { CheckContext } from "./main.ts";
import { FOLDER } from "./tools.ts";

const CLIENT = join(FOLDER, "clients/handoff.ts");

const TSCONFIG = {
  compilerOptions: {
    target: "es2023",
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    types: [],
    lib: ["es2023", "dom"],
  },
  include: ["*.ts"],
};

/** handOffInTypeScript generates the types of both documents, checks a program against them, and runs it. */
export async function handOffInTypeScript({ folder, tools, baton }: CheckContext): Promise<void> {
  const project = join(folder, "typescript");
  const options = { cwd: project };
  mkdirSync(project);
  symlinkSync(join(tools.npm, "node_modules"), join(project, "node_modules"));
  writeFileSync(join(project, "package.json"), '{"type":"module"}');
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(TSCONFIG));
  cpSync(CLIENT, join(project, "handoff.ts"));
  for (const app of ["ingress", "admin"])
    await run(["node_modules/.bin/openapi-typescript", `../${app}.json`, "-o", `${app}.ts`], options);
  await run(["node_modules/.bin/tsc", "-p", "."], options);
  const env = { INGRESS_URL: baton.ingress, ADMIN_URL: baton.admin, TOKEN: baton.token, ADMIN_KEY: baton.adminKey };
  await run([process.execPath, "handoff.ts"], { ...options, env });
}
