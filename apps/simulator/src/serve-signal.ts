/**
 * POST /inContactAPI/services/v{N}.0/interactions/{contactId}/signal: the one request that everything else is about.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { applyFaultToAnswer } from "./apply-fault-to-answer.ts";
import { doesFaultLetSignalThrough } from "./faults.ts";
import { type Answer, cxoneErrorAnswer } from "./http-answers.ts";
import { hasRequestBody, readRequestBody } from "./request-body.ts";
import { sendReply } from "./send-reply.ts";
import { type ReceivedParams, readSignalParams } from "./signal-params.ts";
import type { OpenSignal } from "./signal-store.ts";
import type { SimulatedCxOneState } from "./simulated-cxone-state.ts";
import type { Endpoint } from "./simulator-route-types.ts";
import type { Token } from "./token-store.ts";

/** Any version, and any case of the path: working clients differ. */
const SIGNAL = /^\/incontactapi\/services\/(v\d{1,3}\.\d{1,2})\/interactions\/([^/?]*)\/signal(?:\?(.*))?$/i;
/** SIGNAL_ENDPOINT is a signal's path without its query. */
export const SIGNAL_ENDPOINT: Endpoint = {
  method: "POST",
  path: new RegExp(`${SIGNAL.source.split("(?:\\?")[0]}$`, "i"),
};
const CONTACT_ID = /^\d{1,19}$/;

/** SignalPath is the request line of a signal, taken apart. */
export interface SignalPath {
  readonly version: string;
  readonly contactId: string;
  readonly query: string;
}

/** parseSignalPath reads a request's path; undefined when it is not a signal. */
export function parseSignalPath(url: string): SignalPath | undefined {
  const found = SIGNAL.exec(url);
  if (found === null) return undefined;
  const [, version = "", contactId = "", query = ""] = found;
  return { version, contactId, query };
}

/**
 * createSignalHandler answers signals: one record, one look at the faults and the token, no promise unless there is a
 * body.
 */
export function createSignalHandler(cxone: SimulatedCxOneState, connectionIdOf: (request: IncomingMessage) => number) {
  return (request: IncomingMessage, response: ServerResponse, path: SignalPath): void => {
    const token = cxone.tokens.find(request.headers.authorization);
    const { contactId, version } = path;
    const arrival = {
      contactId,
      version,
      accessKeyId: token?.accessKeyId,
      token: token?.id,
      connectionId: connectionIdOf(request),
    };
    const signal = cxone.signals.open(arrival);
    response.once("close", () => cxone.signals.end(signal, undefined));
    if (!hasRequestBody(request)) {
      answerSignal(cxone, response, { signal, token, given: readSignalParams(path.query, ""), sent: path.query });
      return;
    }
    void readRequestBody(request).then((body) => {
      if (body.kind === "gone") return cxone.signals.decided(signal);
      const given =
        body.kind === "text" ? readSignalParams(path.query, body.text) : ({ kind: "unreadable", status: 413 } as const);
      const text = body.kind === "text" ? body.text : "";
      return answerSignal(cxone, response, { signal, token, given, sent: `${path.query} ${text}` });
    });
  };
}

interface ReceivedSignal {
  readonly signal: OpenSignal;
  readonly token: Token | undefined;
  readonly given: ReceivedParams;
  readonly sent: string;
}

function answerSignal(
  cxone: SimulatedCxOneState,
  response: ServerResponse,
  { signal, token, given, sent }: ReceivedSignal,
): void {
  const settings = cxone.settings();
  const fault = cxone.faults.take("signal", signal);
  const usual = usualAnswer(cxone, signal, { token, given });
  if (given.kind === "params") {
    signal.params = given.params;
    signal.seenIn = given.seenIn;
    signal.givenTwice = given.givenTwice;
  }
  signal.faultId = fault?.id;
  signal.effect = usual.effect && doesFaultLetSignalThrough(fault);
  if (signal.effect)
    signal.reaction = cxone.contacts.signal(signal.accessKeyId ?? "", signal.contactId, signal.inFlightSame === 0);
  cxone.signals.decided(signal);
  sendReply(response, {
    answer: applyFaultToAnswer(usual.answer, fault, { settings, signal: { params: signal.params, sent } }),
    fault,
    delayMs: settings.latencyMs,
    answered: (status) => cxone.signals.end(signal, status),
  });
}

interface UsualAnswer {
  readonly answer: Answer;
  readonly effect: boolean;
}

/** usualAnswer is what CXone says when no fault meddles: token first, then the request, then the contact. */
function usualAnswer(
  cxone: SimulatedCxOneState,
  signal: OpenSignal,
  { token, given }: Pick<ReceivedSignal, "token" | "given">,
): UsualAnswer {
  const settings = cxone.settings();
  const refuse = (status: number, error: string, text: string): UsualAnswer => ({
    answer: cxoneErrorAnswer(settings, status, { error, text }),
    effect: false,
  });
  if (token === undefined || !cxone.tokens.isValid(token))
    return refuse(401, "invalid_token", "The access token is missing, expired or revoked.");
  if (!CONTACT_ID.test(signal.contactId)) return refuse(400, "invalid_request", "The contact id is not a number.");
  if (given.kind === "unreadable")
    return refuse(given.status, "invalid_request", "The body cannot be read as parameters.");
  const { status, effect, state } = cxone.contacts.verdict(signal.contactId);
  if (status < 300) return { answer: { status }, effect };
  return refuse(status, "contact_not_signalable", CONTACT_TEXTS[state]);
}

const CONTACT_TEXTS = {
  active: "The contact refuses signals.",
  ended: "The contact has ended.",
  unknown: "The contact was not found.",
  otherBusinessUnit: "The contact was not found in this business unit.",
} as const;
