/** The routes of the console's session. */
import {
  formatInstant,
  noStoreHeader,
  SESSION_COOKIE,
  type SessionJson,
  sessionSchema,
  signInBodySchema,
  signInCodeSchema,
} from "@baton/api";
import { Refusal } from "@baton/domain";
import { clientAddressOfRequest, describeOpenApiResponseWithHeaders, type HttpServer } from "@baton/runtime";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { ConsoleSessions, Session } from "../console-sessions.ts";
import type { SignInUseCases } from "../console-sign-in-use-cases.ts";
import { isCrossSite, refuseCrossSite } from "../cross-site.ts";
import { addRedisUnavailableHandler } from "../route-guard.ts";
import { NO_CONTENT } from "./route-openapi.ts";

export interface SessionRoutes {
  readonly signIns: SignInUseCases;
  readonly sessions: Pick<ConsoleSessions, "find" | "end">;
}

const TAG = "session";
const BEARER = /^Bearer +(\S+) *$/i;

/**
 * addSessionRoutes adds the routes; they are outside the guard, because a request to sign in has no key or session yet.
 */
export function addSessionRoutes(scope: HttpServer, routes: SessionRoutes): void {
  addRedisUnavailableHandler(scope);
  addSignInRoute(scope, routes);
  addReadRoute(scope, routes);
  addSignOutRoute(scope, routes);
  addSignInLinkRoute(scope, routes);
}

function addSignInRoute(app: HttpServer, { signIns }: SessionRoutes): void {
  const schema = {
    tags: [TAG],
    operationId: "signIn",
    summary: "Sign in to the console: the answer sets a cookie that no page can read",
    security: [],
    refuses: ["unauthenticated", "cross-site", "too-many-requests", "queue-unavailable"] as const,
    body: signInBodySchema,
    response: {
      201: describeOpenApiResponseWithHeaders(
        sessionSchema,
        z.object({
          "Set-Cookie": z.string().meta({ description: `\`${SESSION_COOKIE}\`: HttpOnly, SameSite=Strict.` }),
          "Cache-Control": noStoreHeader,
        }),
      ),
    },
  };
  app.post("/admin/v1/session", { schema }, async (request, reply) => {
    if (isCrossSite(request)) throw new Refusal("cross-site", "sign in on the console's own page");
    const started = await signIns.signIn({ credential: request.body, address: clientAddressOfRequest(request) });
    request.facts.actor = started.actor.id;
    reply.code(201).header("cache-control", "no-store");
    reply.setCookie(SESSION_COOKIE, started.token, cookieOptions(request));
    return sessionToJson(started);
  });
}

function addReadRoute(app: HttpServer, { sessions }: SessionRoutes): void {
  const schema = {
    tags: [TAG],
    operationId: "readSession",
    summary: "Read who is signed in",
    security: [{ session: [] as string[] }],
    response: { 200: describeOpenApiResponseWithHeaders(sessionSchema, z.object({ "Cache-Control": noStoreHeader })) },
  };
  app.get("/admin/v1/session", { schema }, async (request, reply) => {
    const session = await sessions.find(request.cookies[SESSION_COOKIE] ?? "");
    if (session === undefined) throw new Refusal("unauthenticated", "there is no session");
    request.facts.actor = session.actor.id;
    reply.header("cache-control", "no-store");
    return sessionToJson(session);
  });
}

function addSignOutRoute(app: HttpServer, { sessions }: SessionRoutes): void {
  const schema = {
    tags: [TAG],
    operationId: "signOut",
    summary: "Sign out: the session ends at once, also where it was over already",
    security: [{ session: [] as string[] }],
    response: { 204: NO_CONTENT },
  };
  const onRequest = async (request: FastifyRequest) => refuseCrossSite(request);
  app.delete("/admin/v1/session", { schema, onRequest }, async (request, reply) => {
    await sessions.end(request.cookies[SESSION_COOKIE] ?? "");
    reply.code(204).clearCookie(SESSION_COOKIE, cookieOptions(request));
  });
}

function addSignInLinkRoute(app: HttpServer, { signIns }: SessionRoutes): void {
  const schema = {
    tags: [TAG],
    operationId: "createSignInLink",
    summary: "Make the code of a sign-in link, good once and for 10 min; it takes an admin key, not a session",
    security: [{ bearer: [] as string[] }],
    response: {
      201: describeOpenApiResponseWithHeaders(signInCodeSchema, z.object({ "Cache-Control": noStoreHeader })),
    },
  };
  app.post("/admin/v1/session/links", { schema }, async (request, reply) => {
    const [, key = ""] = BEARER.exec(request.headers.authorization ?? "") ?? [];
    const { code, expiresAt } = await signIns.createCode({ key, address: clientAddressOfRequest(request) });
    reply.code(201).header("cache-control", "no-store");
    return { code, expiresAt: formatInstant(expiresAt) };
  });
}

/** cookieOptions: an `Origin` of https tells of a proxy that ends TLS and is not trusted to say so. */
function cookieOptions({ protocol, headers }: FastifyRequest) {
  const secure = protocol === "https" || headers.origin?.startsWith("https://") === true;
  return { httpOnly: true, sameSite: "strict", secure, path: "/" } as const;
}

function sessionToJson({ actor: { name, role }, expiresAt }: Session): SessionJson {
  return { name, role, expiresAt: formatInstant(expiresAt) };
}
