/** The route table: which methods a path takes, for requests that no route takes. */
import { Refusal } from "@baton/domain";
import type { FastifyInstance } from "fastify";

/** UnmatchedRequest is the refusal of a request that no route takes; `allow` is what a 405 lists in its header. */
export interface UnmatchedRequest {
  readonly refusal: Refusal;
  readonly allow?: string;
}

/** RouteMethodTable is what is known of the routes of a server. */
export interface RouteMethodTable {
  /**
   * refusalFor says why no route took a request with this target: 405 where the path takes other methods, else 404. A
   * path that takes the method and was refused nevertheless, as for an id longer than any, is not found either.
   */
  refusalFor(target: string, method?: string): UnmatchedRequest;
  /**
   * belongsToStaticRoute says whether a request that matched the pattern `url` has the path of a route without
   * parameters, which does not take its method: `GET /things/batch` reads no thing called batch where there is a `POST
   * /things/batch`.
   */
  belongsToStaticRoute(url: string | undefined, target: string): boolean;
}

/** createRouteMethodTable watches the routes that are added to `app` from now on. */
export function createRouteMethodTable(app: FastifyInstance): RouteMethodTable {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook("onRoute", ({ url, method }) => {
    // A page's catch-all would turn every unknown path into a 405.
    if (url.endsWith("*")) return;
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    // A GET brings its HEAD along; the page's own path with a slash behind it registers its HEAD only.
    for (const each of [method].flat()) route.methods.add(each).add(each === "HEAD" ? "GET" : each);
    routes.set(url, route);
  });
  const methodsOf = (path: string): readonly string[] => {
    const route = routes.get(path) ?? routes.values().find(({ pattern }) => pattern.test(path));
    return [...(route?.methods ?? [])].sort();
  };
  return {
    refusalFor(target, method = "") {
      const methods = methodsOf(pathOf(target));
      if (methods.length === 0 || methods.includes(method))
        return { refusal: new Refusal("not-found", "there is nothing under this path") };
      const allow = methods.join(", ");
      return { refusal: new Refusal("method-not-allowed", `this path takes ${allow}`), allow };
    },
    belongsToStaticRoute: (url = "", target) => url.includes(":") && routes.has(pathOf(target)),
  };
}

function patternOf(url: string): RegExp {
  const segments = url
    .split("/")
    .map((segment) => (segment.startsWith(":") ? "[^/]+" : segment.replaceAll(/[^\w]/g, "\\$&")));
  return new RegExp(`^${segments.join("/")}$`);
}

/** pathOf takes the path out of a request's target, which may be a whole URL (RFC 9112 §3.2.2). */
function pathOf(target: string): string {
  const [path = ""] = target.replace(/^https?:\/\/[^/?#]*/i, "").split(/[?#]/, 1);
  return path;
}
