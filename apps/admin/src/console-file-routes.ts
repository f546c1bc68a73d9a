/** The console's files, as `apps/console` builds them into this package. */
import { statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { HttpServer } from "@baton/runtime";
import files from "@fastify/static";
import type { FastifyReply, FastifyRequest } from "fastify";

/**
 * CONSOLE_FOLDER is where the console is built to: `index.html`, and `assets/` whose names hold their content's hash.
 */
export const CONSOLE_FOLDER = fileURLToPath(new URL("../dist/console/", import.meta.url));

const INDEX = "index.html";

/**
 * HEADERS of every page: nothing runs or loads but what is served from here, and no other site gets the address one
 * came from.
 */
const HEADERS = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** The page is never cached: it names the assets of its own build. */
const NO_STORE = "no-store";
/** A file whose name holds a hash of its content never changes. */
const CACHE_A_YEAR = "public, max-age=31536000, immutable";
/** Other files, such as an icon. */
const CACHE_AN_HOUR = "public, max-age=3600";

const NOT_BUILT = "The console is not part of this build. The admin API is documented at /docs.\n";

/** Paths that are never a page of the console, also when a browser opens them. */
const NOT_OF_CONSOLE = /^\/(?:admin|docs|assets|openapi\.json|livez|readyz|metrics)(?:[/?]|$)/;

/**
 * addConsoleRoutes serves the page at `/` and under every path that the console gives its own pages, and its files.
 * A folder that is built while the process runs is served from then on.
 */
export async function addConsoleRoutes(app: HttpServer, folder: string): Promise<void> {
  await app.register(async (scope: HttpServer) => {
    await scope.register(files, { root: folder, serve: false, cacheControl: false, suppressWarning: true });
    const hidden = { schema: { hide: true } };
    scope.get("/", hidden, async (_request, reply) => sendPage(reply, folder));
    scope.get("/*", hidden, async (request, reply) => {
      const path = requestedPathOf(request);
      if (isFile(folder, path)) return sendFile(reply, path);
      // What no page and no file is, is refused as it would be without a console.
      if (!isNavigation(request)) return reply.callNotFound();
      return sendPage(reply, folder);
    });
  });
}

function sendPage(reply: FastifyReply, folder: string): FastifyReply {
  reply.headers({ ...HEADERS, "cache-control": NO_STORE });
  if (!isFile(folder, INDEX)) return reply.code(404).type("text/plain; charset=utf-8").send(NOT_BUILT);
  return reply.sendFile(INDEX);
}

function sendFile(reply: FastifyReply, path: string): FastifyReply {
  reply.headers({ ...HEADERS, "cache-control": path.startsWith("assets/") ? CACHE_A_YEAR : CACHE_AN_HOUR });
  return reply.sendFile(path);
}

/** requestedPathOf is the path behind the first slash; '' where it is no percent-encoding. */
function requestedPathOf({ params }: FastifyRequest): string {
  const path = typeof params === "object" && params !== null && "*" in params ? params["*"] : "";
  return typeof path === "string" ? path : "";
}

/** isFile says whether a path names a file within the folder. */
function isFile(folder: string, path: string): boolean {
  const file = resolve(folder, path);
  if (!file.startsWith(join(folder, sep))) return false;
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    // A path that no file can have: too long, or with a zero byte.
    return false;
  }
}

/** isNavigation: a browser opens an address of the console's, or loads it again. */
function isNavigation({ url, headers }: FastifyRequest): boolean {
  return !NOT_OF_CONSOLE.test(url) && headers.accept?.includes("text/html") === true;
}
