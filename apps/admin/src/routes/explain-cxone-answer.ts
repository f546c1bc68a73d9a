/** The route that explains an answer of CXone's. It changes nothing, and sends nothing. */
import { explainBodySchema, explanationSchema } from "@baton/api";
import type { HttpServer } from "@baton/runtime";
import type { ExplainCxOneAnswer } from "../explain-cxone-answer.ts";
import { describeRoute } from "./route-openapi.ts";

export interface ExplainCxOneAnswerRoutes {
  readonly explain: ExplainCxOneAnswer;
}

export function addExplainCxOneAnswerRoute(app: HttpServer, { explain }: ExplainCxOneAnswerRoutes): void {
  const schema = describeRoute({
    tag: "connectors",
    operationId: "explainAnswer",
    summary: "Say what Baton would do about an answer of CXone's; sends nothing",
    refuses: ["not-found"],
    body: explainBodySchema,
    response: { 200: explanationSchema },
  });
  app.post("/admin/v1/explain", { schema }, async (request) => {
    request.facts.connectorId = request.body.connectorId;
    return explain(request.body);
  });
}
