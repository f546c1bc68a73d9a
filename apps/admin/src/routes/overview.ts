/** The routes of the overview, and of the series behind its charts. */
import { hash } from "node:crypto";
import { etagHeader, overviewSchema, seriesSchema, seriesSearchSchema } from "@baton/api";
import { describeOpenApiResponseWithHeaders, type HttpServer } from "@baton/runtime";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { ReadMinuteSeries } from "../read-minute-series.ts";
import type { ReadOverview } from "../read-overview.ts";
import { describeRoute, NOT_MODIFIED } from "./route-openapi.ts";

export interface OverviewRoutes {
  readonly readOverview: ReadOverview;
  readonly readSeries: ReadMinuteSeries;
}

export function addOverviewRoutes(app: HttpServer, { readOverview, readSeries }: OverviewRoutes): void {
  const overview = describeRoute({
    tag: "overview",
    operationId: "getOverview",
    summary: "The state of everything; with `If-None-Match`, 304 while nothing but `asOf` is another",
    response: {
      200: describeOpenApiResponseWithHeaders(overviewSchema, z.object({ ETag: etagHeader })),
      304: NOT_MODIFIED,
    },
  });
  app.get("/admin/v1/overview", { schema: overview }, async (request, reply) => {
    const answer = await readOverview();
    if (isUnchanged(request, reply, { ...answer, asOf: "" })) return reply.code(304).send();
    return answer;
  });
  const series = describeRoute({
    tag: "overview",
    operationId: "getSeries",
    summary: "What happened minute by minute, for a day, with marks where an operator changed something",
    refuses: ["not-found"],
    querystring: seriesSearchSchema,
    response: { 200: seriesSchema },
  });
  app.get("/admin/v1/series", { schema: series, preValidation: listNames }, (request) => readSeries(request.query));
}

/**
 * isUnchanged sets the answer's `ETag`, and says whether the client named it in `If-None-Match`: a client that has an
 * answer already gets its body again only if it has changed (RFC 9110 §13.1.2). `content` is all of the answer that
 * matters to its reader. The tag is weak: the same content, not the same bytes.
 */
function isUnchanged(request: FastifyRequest, reply: FastifyReply, content: unknown): boolean {
  const tag = `"${hash("sha256", JSON.stringify(content), "base64url").slice(0, 22)}"`;
  reply.header("etag", `W/${tag}`).header("cache-control", "no-cache");
  const known = (request.headers["if-none-match"] ?? "").split(",").map((each) => each.trim().replace(/^W\//, ""));
  return known.includes(tag) || known.includes("*");
}

/** listNames: a parameter that comes once is a list of one. */
async function listNames({ query }: FastifyRequest): Promise<void> {
  if (typeof query === "object" && query !== null && "name" in query) query.name = [query.name].flat();
}
