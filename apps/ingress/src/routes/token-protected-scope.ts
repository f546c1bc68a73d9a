/** The scope of routes with a connector's token: the token is checked before a body is read. */
import type { Connector } from "@baton/domain";
import { nowWithoutEventLoopLag } from "@baton/redis/event-loop-aware-redis-timeout";
import { mapMaybePromise } from "@baton/registry/connector-cache";
import { clientAddressOfRequest, type HttpServer } from "@baton/runtime";
import type { FastifyRequest } from "fastify";
import type { Authenticate } from "../authenticate-token.ts";
import { answerDeadlineFromNow } from "../request-answer-deadline.ts";

/** TokenAuthentication is what opens the routes. */
export interface TokenAuthentication {
  readonly authenticate: Authenticate;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the authentication hook, before any body is read. */
    connector: Connector | null;
    /** When its caller must be answered if Redis is away, as nowWithoutEventLoopLag() counts. */
    answerBy: number;
    /** Since when its body is read, as nowWithoutEventLoopLag() counts. */
    bodyAwaitedAt: number;
  }
}

/** addTokenProtectedRoutes has `addRoutes` add routes that only a connector's token opens. */
export function addTokenProtectedRoutes(
  app: HttpServer,
  { authenticate }: TokenAuthentication,
  addRoutes: (scope: HttpServer) => void,
): void {
  app.decorateRequest("connector", null);
  app.decorateRequest("answerBy", 0);
  app.decorateRequest("bodyAwaitedAt", 0);
  app.register(async (scope: HttpServer) => {
    scope.addHook("onRequest", (request, _, done) => {
      const { authorization } = request.headers;
      const answerBy = answerDeadlineFromNow();
      request.answerBy = answerBy;
      const found = authenticate({ authorization, address: () => clientAddressOfRequest(request), answerBy });
      const admitted = mapMaybePromise(found, ({ connector }) => {
        request.connector = connector;
        request.facts.connectorId = connector.id;
      });
      if (admitted instanceof Promise) admitted.then(() => done(), done);
      else done();
    });
    leaveOutBodyTime(scope);
    addRoutes(scope);
  });
}

/** leaveOutBodyTime moves `answerBy` by what the body took to arrive: a slow client is no Redis that is away. */
function leaveOutBodyTime(scope: HttpServer): void {
  scope.addHook("preParsing", (request, _, payload, done) => {
    request.bodyAwaitedAt = nowWithoutEventLoopLag();
    done(null, payload);
  });
  scope.addHook("preValidation", (request, _, done) => {
    request.answerBy += nowWithoutEventLoopLag() - request.bodyAwaitedAt;
    done();
  });
}

/** authenticatedConnectorOfRequest gives the connector whose token a request carries. */
export function authenticatedConnectorOfRequest(request: FastifyRequest): Connector {
  if (request.connector === null) throw new Error("the route runs behind the authentication hook");
  return request.connector;
}
