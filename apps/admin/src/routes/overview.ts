/** The route of the overview. */
import { overviewSchema } from "@baton/api";
import type { HttpServer } from "@baton/runtime";
import type { ReadOverview } from "../overview.ts";
import { route } from "./operation.ts";

export interface OverviewRoutes {
  readonly readOverview: ReadOverview;
}

/** registerOverview adds the route. */
export function registerOverview(app: HttpServer, { readOverview }: OverviewRoutes): void {
  const schema = {
    ...route({ tag: "overview", operationId: "getOverview", summary: "The state of everything" }),
    response: { 200: overviewSchema },
  };
  app.get("/admin/v1/overview", { schema }, () => readOverview());
}
