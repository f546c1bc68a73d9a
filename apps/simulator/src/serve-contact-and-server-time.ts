/**
 * The rest of the business unit's API, as far as a relay looks at it: the server's time, and the state of a contact.
 */

import { applyFaultToAnswer } from "./apply-fault-to-answer.ts";
import type { ContactState, ContactView } from "./contact-store.ts";
import { type Answer, cxoneErrorAnswer, jsonAnswer } from "./http-answers.ts";
import type { SimulatedCxOneState } from "./simulated-cxone-state.ts";
import type { Route, RouteRequest } from "./simulator-route-types.ts";
import type { Token } from "./token-store.ts";

const PREFIX = String.raw`^\/incontactapi\/services\/v\d{1,3}\.\d{1,2}`;

/** contactAndServerTimeRoutes all require a valid token, and answer under any version and any case of the path. */
export function contactAndServerTimeRoutes(cxone: SimulatedCxOneState): readonly Route[] {
  return [
    authorizedRoute(cxone, {
      path: "/server-time",
      read: () => jsonAnswer(200, { serverTime: new Date(cxone.clock()).toISOString() }),
    }),
    authorizedRoute(cxone, {
      path: "/contacts/active",
      read: (call) => serveActiveContact(cxone, call.query.get("contactId") ?? ""),
    }),
    authorizedRoute(cxone, { path: "/contacts/(\\d{1,19})", read: (call) => serveContact(cxone, call) }),
    authorizedRoute(cxone, {
      path: "/contacts/(\\d{1,19})/state-history",
      read: (call) => serveStateHistory(cxone, call),
    }),
    authorizedRoute(cxone, { path: "/contacts/(\\d{1,19})/hierarchy", read: (call) => serveHierarchy(cxone, call) }),
    authorizedRoute(cxone, {
      method: "POST",
      path: "/contacts/(\\d{1,19})/end",
      read: (call) => endContact(cxone, call),
    }),
  ];
}

interface ApiRoute {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly read: (call: RouteRequest) => Answer;
}

function authorizedRoute(cxone: SimulatedCxOneState, { method = "GET", path, read }: ApiRoute): Route {
  return {
    method,
    pattern: new RegExp(`${PREFIX}${path}$`, "i"),
    serve(call) {
      const settings = cxone.settings();
      const token = cxone.tokens.find(call.headers.authorization);
      const fault = cxone.faults.take("api", { accessKeyId: token?.accessKeyId, contactId: call.path[0] });
      const usual = isValid(cxone, token)
        ? answerAsAccepted(call, read(call))
        : cxoneErrorAnswer(settings, 401, {
            error: "invalid_token",
            text: "The access token is missing, expired or revoked.",
          });
      return { answer: applyFaultToAnswer(usual, fault, { settings }), fault };
    },
  };
}

function isValid(cxone: SimulatedCxOneState, token: Token | undefined): boolean {
  return token !== undefined && cxone.tokens.isValid(token);
}

/** A third party met this: without `Accept: application/json` the API answers text. */
function answerAsAccepted(call: RouteRequest, answer: Answer): Answer {
  if (answer.body === undefined || (call.headers.accept ?? "").includes("application/json")) return answer;
  return {
    status: answer.status,
    headers: { "content-type": "text/plain; charset=utf-8" },
    body: "no known way to render",
  };
}

const ID = "@contactId";

/** CXone writes contact ids as JSON numbers, all 19 digits of them; JavaScript's numbers do not reach that far. */
function answerAboutContact(contactId: string, value: object): Answer {
  const answer = jsonAnswer(200, value);
  return { ...answer, body: answer.body?.replaceAll(JSON.stringify(ID), BigInt(contactId).toString()) ?? "" };
}

/** The state as the API reports it, which may lag behind the truth. */
function readLaggingContact(cxone: SimulatedCxOneState, contactId: string): ContactView {
  return cxone.contacts.view(contactId, cxone.clock() - cxone.settings().contactLagMs);
}

/** answerIfVisible runs `read` where the caller's business unit has the contact, and answers 404 elsewhere. */
function answerIfVisible(
  cxone: SimulatedCxOneState,
  { path: [contactId = ""] }: RouteRequest,
  read: (view: ContactView) => Answer,
): Answer {
  const view = readLaggingContact(cxone, contactId);
  switch (view.state) {
    case "active":
    case "ended":
      return read(view);
    case "unknown":
    case "otherBusinessUnit":
      return cxoneErrorAnswer(cxone.settings(), 404, { error: "not_found", text: "The contact was not found." });
  }
}

function serveContact(cxone: SimulatedCxOneState, call: RouteRequest): Answer {
  return answerIfVisible(cxone, call, ({ contactId, state }) =>
    answerAboutContact(contactId, {
      contactId: ID,
      masterContactId: ID,
      isActive: state === "active",
      isWarehoused: false,
      ...cxoneStateOf(state),
      endReason: state === "ended" ? "Contact Hung Up" : null,
    }),
  );
}

function serveStateHistory(cxone: SimulatedCxOneState, call: RouteRequest): Answer {
  return answerIfVisible(cxone, call, ({ contactId, history }) =>
    answerAboutContact(contactId, {
      contactStateHistory: history.map(({ state, at }, index) => ({
        stateIndex: index,
        contactId: ID,
        contactStateId: cxoneStateOf(state).stateId,
        contactStateName: cxoneStateOf(state).stateName,
        startDate: new Date(at).toISOString(),
        duration: Math.round(((history[index + 1]?.at ?? cxone.clock()) - at) / 1000),
      })),
    }),
  );
}

function serveHierarchy(cxone: SimulatedCxOneState, call: RouteRequest): Answer {
  return answerIfVisible(cxone, call, ({ contactId }) =>
    answerAboutContact(contactId, { masterContactId: ID, childContacts: [] }),
  );
}

/** A list that is empty answers 204, as list requests do. */
function serveActiveContact(cxone: SimulatedCxOneState, contactId: string): Answer {
  if (!/^\d{1,19}$/.test(contactId)) return { status: 204 };
  const { state } = readLaggingContact(cxone, contactId);
  if (state !== "active") return { status: 204 };
  return answerAboutContact(contactId, {
    resultSet: { activeContacts: [{ contactId: ID, masterContactId: ID, ...cxoneStateOf(state) }] },
  });
}

function endContact(cxone: SimulatedCxOneState, { path: [contactId = ""] }: RouteRequest): Answer {
  const { state, onSignal } = cxone.contacts.view(contactId);
  if (state === "active") cxone.contacts.declare(contactId, "ended", { onSignal });
  return { status: state === "active" || state === "ended" ? 202 : 404 };
}

function cxoneStateOf(state: ContactState): { readonly stateId: number; readonly stateName: string } {
  return state === "active" ? { stateId: 4, stateName: "Active" } : { stateId: 5, stateName: "EndContact" };
}
