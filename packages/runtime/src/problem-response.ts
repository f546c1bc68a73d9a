/** Problems: how a refusal looks on the wire (RFC 9457), and the page that explains them all. */
import {
  type HandoffStatus,
  PROBLEM_GUIDE,
  PROBLEMS,
  type ProblemCode,
  Refusal,
  type ValidationIssue,
} from "@baton/domain";
import type { FastifyReply, FastifyRequest } from "fastify";
import { InvalidInput } from "./request-validation.ts";

/** Problem is the body of every refusal, `application/problem+json`. */
export interface Problem {
  readonly type: `urn:baton:problem:${ProblemCode}`;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** `urn:baton:request:` and the id that the request has in the log, percent-encoded. */
  readonly instance?: string;
  readonly errors?: readonly ValidationIssue[];
  /** Where the handoff stands that was to be changed; `status` is HTTP's. */
  readonly handoffStatus?: HandoffStatus;
}

/** What Fastify refuses by itself, before a route is asked. */
const FRAMEWORK_REFUSALS: Readonly<Record<string, { readonly code: ProblemCode; readonly detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: "too-large", detail: "the body is larger than this route takes" },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: "unsupported-media-type", detail: "send the body as application/json" },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: "malformed-json",
    detail: "the body is not as long as Content-Length says",
  },
  FST_ERR_BAD_URL: { code: "invalid-request", detail: "the path is not valid percent-encoding" },
  // Every id is far shorter, so a longer one names nothing.
  FST_ERR_MAX_PARAM_LENGTH: { code: "not-found", detail: "nothing has so long a name" },
};

/** LINGER_MS is how long a client may go on sending what was refused as too large. */
const LINGER_MS = 1_000;

/** problemOfRefusal describes a refusal, for an answer of its own or inside a batch. */
export function problemOfRefusal(refusal: Refusal, instance?: string): Problem {
  const { status, title } = PROBLEMS[refusal.code];
  return {
    type: `urn:baton:problem:${refusal.code}`,
    title,
    status,
    detail: refusal.message,
    ...(instance === undefined ? {} : { instance }),
    ...(refusal.errors === undefined ? {} : { errors: refusal.errors }),
    ...(refusal.handoffStatus === undefined ? {} : { handoffStatus: refusal.handoffStatus }),
  };
}

/** problemInstanceOfRequest names a request's answer by the request's id, whatever its sender chose. */
export function problemInstanceOfRequest(requestId: string): string {
  return `urn:baton:request:${encodeURIComponent(requestId)}`;
}

/**
 * refusalOfError turns whatever a request ended in into a refusal. Anything unexpected is `internal`, with the error as
 * its cause and nothing of it in words.
 */
export function refusalOfError(error: unknown, request: FastifyRequest): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof InvalidInput) {
    const code = error.part === "body" ? (request.routeOptions.config.problem ?? "invalid-request") : "invalid-request";
    const words = error.part === "headers" ? "are not as this route takes them" : "is not as this route takes it";
    return new Refusal(code, `the ${error.part} ${words}`, { errors: error.issues });
  }
  const known = error instanceof Error && "code" in error ? FRAMEWORK_REFUSALS[String(error.code)] : undefined;
  if (known !== undefined) return new Refusal(known.code, known.detail);
  if (request.raw.destroyed && !request.raw.complete) return new Refusal("malformed-json", "the body ended too early");
  return new Refusal(
    "internal",
    "the request failed for a reason of our own; the log names it under the instance given here",
    {
      cause: error,
    },
  );
}

/** sendProblem answers a request with a refusal. */
export function sendProblem(refusal: Refusal, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOfRefusal(refusal, problemInstanceOfRequest(request.id));
  if (refusal.retryAfterMs !== undefined) reply.header("retry-after", Math.ceil(refusal.retryAfterMs / 1_000));
  if (problem.status === 401) reply.header("www-authenticate", "Bearer");
  if (problem.status === 413) keepReadingForAWhile(request, reply);
  return reply
    .code(problem.status)
    .type("application/problem+json")
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem);
}

/**
 * keepReadingForAWhile reads on for a while: a connection closed under a client that is still sending shows it a reset
 * in place of the answer.
 */
function keepReadingForAWhile(request: FastifyRequest, reply: FastifyReply): void {
  reply.removeHeader("connection");
  reply.raw.once("finish", () => {
    const timer = setTimeout(() => request.raw.complete || request.raw.destroy(), LINGER_MS);
    request.raw.once("close", () => clearTimeout(timer));
  });
}

const CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;color:#1c2733;max-width:60rem;margin:2rem auto;padding:0 1rem}h2{margin:2rem 0 0;font-size:1.1rem}" +
  "code{font-family:ui-monospace,monospace;background:#eef2f6;border-radius:3px;padding:0 .2em}p{margin:.3rem 0}";

/** PROBLEM_PAGE is HTML; each problem's slug is an anchor in it. */
export const PROBLEM_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Baton: problems</title><link rel="icon" href="static/theme/baton.svg"><style>${STYLE}</style></head>
<body>
<h1>Problems</h1>
<p>Baton refuses with a problem document (RFC 9457): its <code>type</code> is <code>urn:baton:problem:</code> and one of these.</p>
${CODES.map(sectionOf).join("\n")}
</body>
</html>
`;

function sectionOf(code: ProblemCode): string {
  const { status, title } = PROBLEMS[code];
  const { meaning, remedy } = PROBLEM_GUIDE[code];
  return `<h2 id="${code}"><code>${code}</code> · ${status} · ${formatHtml(title)}</h2><p>${formatHtml(meaning)}</p><p><b>What to do:</b> ${formatHtml(remedy)}</p>`;
}

/** formatHtml writes text that has code between backquotes. */
function formatHtml(text: string): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return escaped.replaceAll(/`([^`]*)`/g, "<code>$1</code>");
}
