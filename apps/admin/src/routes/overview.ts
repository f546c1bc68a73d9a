/** The route of the overview. */
import { etagHeader, overviewSchema } from "@baton/api";
import { answerWithHeaders, type HttpServer } from "@baton/runtime";
import { z } from "zod";
import { isUnchanged } from "../etag.ts";
import type { ReadOverview } from "../overview.ts";
import { NOT_MODIFIED, route } from "./operation.ts";

export interface OverviewRoutes {
  readonly readOverview: ReadOverview;
}

/** registerOverview adds the route. */
export function registerOverview(app: HttpServer, { readOverview }: OverviewRoutes): void {
  const schema = {
    ...route({
      tag: "overview",
      operationId: "getOverview",
      summary: "The state of everything; with `If-None-Match`, 304 while nothing but `asOf` is another",
    }),
    response: { 200: answerWithHeaders(overviewSchema, z.object({ ETag: etagHeader })), 304: NOT_MODIFIED },
  };
  app.get("/admin/v1/overview", { schema }, async (request, reply) => {
    const overview = await readOverview();
    if (isUnchanged(request, reply, { ...overview, asOf: "" })) return reply.code(304).send();
    return overview;
  });
}
