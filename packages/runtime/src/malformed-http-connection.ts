/** Connections that break HTTP's rules while requests of theirs are being answered. */
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Refusal } from "@baton/domain";
import type { FastifyInstance } from "fastify";

/** LINGER_MS is how long a client may go on sending after its last answer: closed at once, it would see a reset. */
const LINGER_MS = 1_000;

/** Those that are being closed: Node reports them again with each packet. */
const broken = new WeakSet<Duplex>();
/** Why the rest of a request's body never comes. */
const unreadable = new WeakMap<IncomingMessage, Refusal>();

/**
 * finishPendingAnswers lets each request that came whole on a broken connection have its answer, then closes it; one
 * whose body is not whole is refused as `refusal`. It gives false where no answer is under way.
 */
export function finishPendingAnswers(socket: Duplex, refusal: Refusal): boolean {
  if (broken.has(socket)) return true;
  const response = unfinishedAnswer(socket);
  if (response === undefined || !socket.writable) return false;
  broken.add(socket);
  finishNext(socket, response, refusal);
  return true;
}

/** endConnectionWithLinger sends `last`, and closes once the client does, or soon after. */
export function endConnectionWithLinger(socket: Duplex, last = ""): void {
  broken.add(socket);
  socket.end(last);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}

/** refuseBrokenOffBodies refuses a request whose body broke off before anything read it. */
export function refuseBrokenOffBodies(app: FastifyInstance): void {
  app.addHook("preParsing", (request, _, payload, done) => done(unreadable.get(request.raw), payload));
}

/** Node keeps a socket's unfinished answer under this name; the answers of later requests wait for it. */
function unfinishedAnswer(socket: Duplex): ServerResponse | undefined {
  const response: unknown = Reflect.get(socket, "_httpMessage");
  return response instanceof ServerResponse ? response : undefined;
}

function finishNext(socket: Duplex, response: ServerResponse, refusal: Refusal): void {
  response.once("close", () => {
    const next = unfinishedAnswer(socket);
    if (next === undefined) endConnectionWithLinger(socket);
    else finishNext(socket, next, refusal);
  });
  if (!response.req.complete && !response.headersSent) refuseBody(response.req, refusal);
}

function refuseBody(request: IncomingMessage, refusal: Refusal): void {
  unreadable.set(request, refusal);
  // Where the body is being read; to destroy the request would close the connection.
  if (request.listenerCount("error") > 0) request.emit("error", refusal);
}
