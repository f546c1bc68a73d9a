// What a browser loads before it shows the overview: the script of index.html and what it preloads. At most 150 kB: the
// limit leaves room for what no chunk of its own can have.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const built = join(import.meta.dirname, "apps/admin/dist/console");
const page = readFileSync(join(built, "index.html"), "utf8");
const scripts = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => join(built, path));

export default [{ name: "first load", path: scripts, limit: "145 kB", gzip: true }];
