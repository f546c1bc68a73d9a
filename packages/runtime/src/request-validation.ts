/** Request bodies read strictly as JSON, then checked against a route's zod schemas. */
import type { Complaint } from "@baton/domain";
import type { FastifyInstance } from "fastify";
import { z } from "zod";

/** InvalidInput: a part of the request does not fit its schema. */
export class InvalidInput extends Error {
  override readonly name = "InvalidInput";
  readonly part: string;
  readonly complaints: readonly Complaint[];

  constructor(part: string, complaints: readonly Complaint[]) {
    super(`${complaints.length} complaints about the ${part}`);
    this.part = part;
    this.complaints = complaints;
  }
}

const NO_NULL = "send a JSON object, or no body at all";

/**
 * acceptJson lets `app` read `application/json` and nothing else.
 *
 * Bytes that are no UTF-8 are refused rather than replaced, and so is `__proto__`. An empty body is taken for no body
 * where the route's schema allows none, because many clients set the media type on every POST.
 */
export function acceptJson(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, bytes, done) => {
    const isOptional = mayBeAbsent(request.routeOptions.schema?.body);
    if (bytes.length === 0 && isOptional) return done(null);
    try {
      const text = utf8.decode(bytes);
      // Fastify's word for no body at all.
      if (isOptional && text.trim() === "null")
        return done(new InvalidInput("body", [{ pointer: "", message: NO_NULL }]));
      void parseJson(request, text, done);
    } catch {
      done(Object.assign(new Error("the body is not UTF-8"), { code: "FST_ERR_CTP_INVALID_JSON_BODY" }));
    }
  });
}

/** Complain words what is wrong with a value, as pointers into it. */
export type Complain = (error: z.ZodError) => readonly Complaint[];

/** checkInput has `app` check what comes in against zod schemas. */
export function checkInput(app: FastifyInstance, complain: Complain): void {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart = "request" }) => (data) => {
    // Fastify says null where there is no body, and zod's optional means undefined.
    const result = schema.safeParse(data ?? undefined);
    return result.success ? { value: result.data } : { error: new InvalidInput(httpPart, complain(result.error)) };
  });
}

/**
 * complaintsOf gives one complaint for each thing that is wrong, with an RFC 6901 pointer to it; an unknown field is
 * pointed at itself.
 */
export const complaintsOf: Complain = (error) =>
  error.issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [{ pointer: pointerTo(issue.path), message: issue.message }];
    return issue.keys.map((key) => ({
      pointer: pointerTo([...issue.path, key]),
      message: `unknown field ${JSON.stringify(key)}`,
    }));
  });

function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** mayBeAbsent says whether a route takes a request without a body. */
export function mayBeAbsent(schema: unknown): boolean {
  return schema === undefined || (schema instanceof z.ZodType && schema.safeParse(undefined).success);
}
