/** Allowed methods: what a 405 tells of a path. */
import type { FastifyInstance } from "fastify";

/** recordAllowedMethods watches the routes that are added from now on, and answers which methods a path takes; none: there is no such path. */
export function recordAllowedMethods(app: FastifyInstance): (path: string) => readonly string[] {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook("onRoute", ({ url, method }) => {
    // A page's catch-all would turn every unknown path into a 405.
    if (url.endsWith("*")) return;
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const each of [method].flat()) route.methods.add(each);
    routes.set(url, route);
  });
  return (path) => {
    const methods = [...routes.values()].filter((route) => route.pattern.test(path)).flatMap((route) => [...route.methods]);
    return [...new Set(methods)].sort();
  };
}

function patternOf(url: string): RegExp {
  const segments = url.split("/").map((segment) => (segment.startsWith(":") ? "[^/]+" : segment.replaceAll(/[^\w]/g, "\\$&")));
  return new RegExp(`^${segments.join("/")}$`);
}
