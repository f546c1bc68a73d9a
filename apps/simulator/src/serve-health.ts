/** `/livez` and `/readyz`, as on every process of Baton's. */
import { json } from "./answers.ts";
import type { Route } from "./routes.ts";

/** healthRoutes: live while it answers; ready unless `ready` says that the process is closing. */
export function healthRoutes(ready: () => boolean): readonly Route[] {
  return [
    { method: "GET", pattern: /^\/livez$/, serve: () => ({ answer: json(200, { status: "ok" }) }) },
    {
      method: "GET",
      pattern: /^\/readyz$/,
      serve: () => ({ answer: ready() ? json(200, { status: "ok" }) : json(503, { status: "closing" }) }),
    },
  ];
}
