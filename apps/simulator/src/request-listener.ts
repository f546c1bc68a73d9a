/** Listener: takes a request to the signal, to a route, or to a refusal. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, simulatorProblemAnswer } from "./http-answers.ts";
import { hasRequestBody, readRequestBody } from "./request-body.ts";
import { type Reply, sendReply } from "./send-reply.ts";
import { parseSignalPath, type SignalPath } from "./serve-signal.ts";
import type { Route } from "./simulator-route-types.ts";

export interface RequestListenerParts {
  readonly serveSignal: (request: IncomingMessage, response: ServerResponse, path: SignalPath) => void;
  readonly routes: readonly Route[];
}

/** createRequestListener puts the signal first: it is the only path that load tests care about. */
export function createRequestListener({ serveSignal, routes }: RequestListenerParts) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const url = request.url ?? "/";
    const signal = parseSignalPath(url);
    if (signal !== undefined) {
      if (request.method === "POST") serveSignal(request, response, signal);
      else sendReply(response, { answer: notAllowed(["POST"]) });
      return;
    }
    void serveRoute(routes, request).then((reply) => {
      if (reply !== undefined) sendReply(response, reply);
    });
  };
}

/**
 * serveRoute finds the route and gives it the whole request; undefined when the client left before the end. Never
 * rejects.
 */
async function serveRoute(routes: readonly Route[], request: IncomingMessage): Promise<Reply | undefined> {
  const [pathname = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const onPath = routes.filter((route) => route.pattern.test(pathname));
  const route = onPath.find(({ method }) => method === (request.method === "HEAD" ? "GET" : request.method));
  if (route === undefined)
    return { answer: onPath.length === 0 ? NOT_FOUND : notAllowed(onPath.map(({ method }) => method)) };
  const body = hasRequestBody(request) ? await readRequestBody(request) : ({ kind: "text", text: "" } as const);
  if (body.kind === "gone") return undefined;
  if (body.kind === "too-large") return { answer: simulatorProblemAnswer(413, "The body is larger than a megabyte.") };
  return route.serve({
    origin: `http://${request.headers.host ?? "127.0.0.1"}`,
    path: (route.pattern.exec(pathname) ?? []).slice(1),
    query: new URLSearchParams(query),
    headers: request.headers,
    body: body.text,
  });
}

const NOT_FOUND = simulatorProblemAnswer(404, "The simulator has no such path; the page at / lists what it has.");

function notAllowed(methods: readonly string[]): Answer {
  const answer = simulatorProblemAnswer(405, `This path takes ${methods.join(", ")}.`);
  return { ...answer, headers: { ...answer.headers, allow: methods.join(", ") } };
}
