/** schemathesis: what a document says, tried out on the process that it came from. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { run } from "../tools/run.ts";
import type { CheckContext } from "./main.ts";
import { FOLDER } from "./tools.ts";

/** SHORT and LONG runs: most test cases of an operation and phase. */
const SHORT = 6;
const LONG = 100;

/** fuzz runs all phases and all checks; what counts as no failure stands in schemathesis.toml, with why. */
export async function fuzz({ folder, tools, baton, isLong }: CheckContext, app: "ingress" | "admin"): Promise<void> {
  for (const file of ["schemathesis.toml", "hooks.py"]) cpSync(join(FOLDER, file), join(folder, file));
  const said = await run(
    [
      ...[
        tools.python,
        "-m",
        "schemathesis.cli",
        "--config-file=schemathesis.toml",
        "run",
        `${baton[app]}/openapi.json`,
      ],
      ...[`--max-examples=${isLong ? LONG : SHORT}`, "--no-color"],
      // The same cases each time in CI; by hand, others.
      ...(isLong ? [] : ["--seed=1"]),
    ],
    { cwd: folder, env: { TOKEN: baton.token, SCREEN_POP_KEY: baton.screenPopKey, ADMIN_KEY: baton.adminKey } },
  );
  if (isLong) process.stdout.write(said);
}
