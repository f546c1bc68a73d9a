/** The version that runs, from a package's manifest. */
import { readFileSync } from "node:fs";

/** packageVersion reads the manifest one folder above the module at `moduleUrl`: beside `src`, and beside `dist`. */
export function packageVersion(moduleUrl: string): string {
  return (JSON.parse(readFileSync(new URL("../package.json", moduleUrl), "utf8")) as { readonly version: string })
    .version;
}
