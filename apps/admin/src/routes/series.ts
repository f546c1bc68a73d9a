/** The route of the series. */
import { seriesSchema, seriesSearchSchema } from "@baton/api";
import type { HttpServer } from "@baton/runtime";
import type { FastifyRequest } from "fastify";
import type { ReadSeries } from "../series.ts";
import { route } from "./operation.ts";

export interface SeriesRoutes {
  readonly readSeries: ReadSeries;
}

/** registerSeries adds the route. */
export function registerSeries(app: HttpServer, { readSeries }: SeriesRoutes): void {
  const schema = {
    ...route(
      {
        tag: "overview",
        operationId: "getSeries",
        summary: "What happened minute by minute, for a day, with marks where an operator changed something",
      },
      "not-found",
    ),
    querystring: seriesSearchSchema,
    response: { 200: seriesSchema },
  };
  app.get("/admin/v1/series", { schema, preValidation: listNames }, (request) => readSeries(request.query));
}

/** listNames: a parameter that comes once is a list of one. */
async function listNames({ query }: FastifyRequest): Promise<void> {
  if (typeof query === "object" && query !== null && "name" in query) query.name = [query.name].flat();
}
