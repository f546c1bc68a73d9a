/** The routes of `/v1/calls`. */
import { callBodySchema, callSchema, locationHeader } from "@baton/api";
import { clientAddressOfRequest, describeOpenApiResponseWithHeaders, type HttpServer } from "@baton/runtime";
import { z } from "zod";
import type { ReadRegisteredCall, RegisterInboundCall } from "../registered-calls.ts";
import { type AuditUnknownNumberCall, unknownNumberRefusal } from "../unknown-number-calls.ts";
import { authenticatedConnectorOfRequest } from "./token-protected-scope.ts";

/** RegisteredCallRoutes is what the routes call; each may throw a Refusal. */
export interface RegisteredCallRoutes {
  readonly registerCall: RegisterInboundCall;
  readonly readCall: ReadRegisteredCall;
  readonly auditUnknownNumber: AuditUnknownNumberCall;
}

const TAGS = { tags: ["calls"], security: [{ bearer: [] }] };
const idParams = z.object({ id: z.string() });

export function addRegisteredCallRoutes(
  app: HttpServer,
  { registerCall, readCall, auditUnknownNumber }: RegisteredCallRoutes,
): void {
  const register = {
    ...TAGS,
    operationId: "registerCall",
    summary: "Register a call, by its pseudo number and SIP headers",
    body: callBodySchema,
    response: { 201: describeOpenApiResponseWithHeaders(callSchema, z.object({ Location: locationHeader })) },
    refuses: ["unknown-number"] as const,
  };
  app.post("/v1/calls", { config: { problem: "invalid-call" }, schema: register }, async (request, reply) => {
    const { body, answerBy } = request;
    const connector = authenticatedConnectorOfRequest(request);
    const registration = await registerCall({ connector, answerBy, body });
    if (registration.kind === "foreign") {
      // The log says which of the two it is, the answer does not.
      const { owner } = registration;
      request.facts.numberOwner = owner ?? null;
      auditUnknownNumber({
        connector,
        pseudoNumber: body.pseudoNumber,
        owner,
        address: clientAddressOfRequest(request),
      });
      throw unknownNumberRefusal();
    }
    const { call } = registration;
    request.facts.callId = call.id;
    reply.code(201).header("location", `/v1/calls/${call.id}`);
    return call;
  });

  const read = {
    ...TAGS,
    operationId: "getCall",
    summary: "Read one call, within 24 h",
    params: idParams,
    response: { 200: callSchema },
    refuses: ["not-found"] as const,
  };
  app.get("/v1/calls/:id", { schema: read }, (request) =>
    readCall(authenticatedConnectorOfRequest(request).id, request.params.id, request.answerBy),
  );
}
