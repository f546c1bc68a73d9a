/**
 * The rest of the business unit's API, as far as a relay looks at it: the server's time, and the state of a contact.
 */
import { type Answer, cxoneError, jsonAnswer, withFault } from "./answers.ts";
import type { ContactState, ContactView } from "./contacts.ts";
import type { Call, Route } from "./routes.ts";
import type { SimulatedCxOne } from "./simulated-cxone.ts";
import type { Token } from "./tokens.ts";

const PREFIX = String.raw`^\/incontactapi\/services\/v\d{1,3}\.\d{1,2}`;

/** apiRoutes all require a valid token, and answer under any version and any case of the path. */
export function apiRoutes(cxone: SimulatedCxOne): readonly Route[] {
  return [
    route(cxone, {
      path: "/server-time",
      read: () => jsonAnswer(200, { serverTime: new Date(cxone.clock()).toISOString() }),
    }),
    route(cxone, { path: "/contacts/active", read: (call) => activeContact(cxone, call.query.get("contactId") ?? "") }),
    route(cxone, { path: "/contacts/(\\d{1,19})", read: (call) => contact(cxone, call) }),
    route(cxone, { path: "/contacts/(\\d{1,19})/state-history", read: (call) => stateHistory(cxone, call) }),
    route(cxone, { path: "/contacts/(\\d{1,19})/hierarchy", read: (call) => hierarchy(cxone, call) }),
    route(cxone, { method: "POST", path: "/contacts/(\\d{1,19})/end", read: (call) => endContact(cxone, call) }),
  ];
}

interface ApiRoute {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly read: (call: Call) => Answer;
}

function route(cxone: SimulatedCxOne, { method = "GET", path, read }: ApiRoute): Route {
  return {
    method,
    pattern: new RegExp(`${PREFIX}${path}$`, "i"),
    serve(call) {
      const settings = cxone.settings();
      const token = cxone.tokens.find(call.headers.authorization);
      const fault = cxone.faults.take("api", { accessKeyId: token?.accessKeyId, contactId: call.path[0] });
      const usual = isValid(cxone, token)
        ? inJson(call, read(call))
        : cxoneError(settings, 401, {
            error: "invalid_token",
            text: "The access token is missing, expired or revoked.",
          });
      return { answer: withFault(usual, fault, { settings }), fault };
    },
  };
}

function isValid(cxone: SimulatedCxOne, token: Token | undefined): boolean {
  return token !== undefined && cxone.tokens.isValid(token);
}

/** A third party met this: without `Accept: application/json` the API answers text. */
function inJson(call: Call, answer: Answer): Answer {
  if (answer.body === undefined || (call.headers.accept ?? "").includes("application/json")) return answer;
  return {
    status: answer.status,
    headers: { "content-type": "text/plain; charset=utf-8" },
    body: "no known way to render",
  };
}

const ID = "@contactId";

/** CXone writes contact ids as JSON numbers, all 19 digits of them; JavaScript's numbers do not reach that far. */
function about(contactId: string, value: object): Answer {
  const answer = jsonAnswer(200, value);
  return { ...answer, body: answer.body?.replaceAll(JSON.stringify(ID), BigInt(contactId).toString()) ?? "" };
}

/** The state as the API reports it, which may lag behind the truth. */
function look(cxone: SimulatedCxOne, contactId: string): ContactView {
  return cxone.contacts.view(contactId, cxone.clock() - cxone.settings().contactLagMs);
}

/** visible runs `read` where the caller's business unit has the contact, and answers 404 elsewhere. */
function visible(cxone: SimulatedCxOne, { path: [contactId = ""] }: Call, read: (view: ContactView) => Answer): Answer {
  const view = look(cxone, contactId);
  switch (view.state) {
    case "active":
    case "ended":
      return read(view);
    case "unknown":
    case "otherBusinessUnit":
      return cxoneError(cxone.settings(), 404, { error: "not_found", text: "The contact was not found." });
  }
}

function contact(cxone: SimulatedCxOne, call: Call): Answer {
  return visible(cxone, call, ({ contactId, state }) =>
    about(contactId, {
      contactId: ID,
      masterContactId: ID,
      isActive: state === "active",
      isWarehoused: false,
      ...stateOf(state),
      endReason: state === "ended" ? "Contact Hung Up" : null,
    }),
  );
}

function stateHistory(cxone: SimulatedCxOne, call: Call): Answer {
  return visible(cxone, call, ({ contactId, history }) =>
    about(contactId, {
      contactStateHistory: history.map(({ state, at }, index) => ({
        stateIndex: index,
        contactId: ID,
        contactStateId: stateOf(state).stateId,
        contactStateName: stateOf(state).stateName,
        startDate: new Date(at).toISOString(),
        duration: Math.round(((history[index + 1]?.at ?? cxone.clock()) - at) / 1000),
      })),
    }),
  );
}

function hierarchy(cxone: SimulatedCxOne, call: Call): Answer {
  return visible(cxone, call, ({ contactId }) => about(contactId, { masterContactId: ID, childContacts: [] }));
}

/** A list that is empty answers 204, as list requests do. */
function activeContact(cxone: SimulatedCxOne, contactId: string): Answer {
  if (!/^\d{1,19}$/.test(contactId)) return { status: 204 };
  const { state } = look(cxone, contactId);
  if (state !== "active") return { status: 204 };
  return about(contactId, {
    resultSet: { activeContacts: [{ contactId: ID, masterContactId: ID, ...stateOf(state) }] },
  });
}

function endContact(cxone: SimulatedCxOne, { path: [contactId = ""] }: Call): Answer {
  const { state, onSignal } = cxone.contacts.view(contactId);
  if (state === "active") cxone.contacts.declare(contactId, "ended", { onSignal });
  return { status: state === "active" || state === "ended" ? 202 : 404 };
}

function stateOf(state: ContactState): { readonly stateId: number; readonly stateName: string } {
  return state === "active" ? { stateId: 4, stateName: "Active" } : { stateId: 5, stateName: "EndContact" };
}
