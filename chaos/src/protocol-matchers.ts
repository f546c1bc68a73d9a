/**
 * Matchers of exact steps: what passes between Baton and its neighbours, in Redis's protocol or in HTTP, when one
 * happens.
 */
import type { Matches, Passing } from "./tcp-proxy.ts";

// A script's reply is a list: its first member, after the list's length, says what it was. A record that merely
// contains the word has it in another place.
const firstMember = (word: string): RegExp => new RegExp(`\\*\\d+\\r\\n\\$${word.length}\\r\\n${word}\\r\\n`);
const SETTLED = firstMember("settled");
const ACCEPTED = firstMember("accepted");
/** Contact ids here have twelve digits, and a worker gets one only with an attempt that was begun for it. */
const CONTACT = /\$12\r\n(\d{12})\r\n/;
/** Only a worker that settles sends Redis a line of the attempt log. */
const SETTLE = '"startedAt":';
const SIGNAL = /POST \S+\/interactions\/(\d+)\/signal/;

/** An attempt is on record, and the worker does not know yet. */
export const claimReply: Matches = ({ direction, text }) => direction === "reply" && CONTACT.test(text);
/** The worker asks to settle: it knows CXone's answer, and Redis does not. */
export const settleRequest: Matches = ({ direction, text }) => direction === "request" && text.includes(SETTLE);
/** The attempt is settled, and the worker does not know yet. */
export const settleReply: Matches = ({ direction, text }) => direction === "reply" && SETTLED.test(text);
/** The handoff is on record, and ingress does not know yet: it has no job. */
export const acceptReply: Matches = ({ direction, text }) => direction === "reply" && ACCEPTED.test(text);

/** signalRequestTo matches the request of a signal to one contact. */
export function signalRequestTo(contactId: string): Matches {
  return ({ direction, text }) => direction === "request" && SIGNAL.exec(text)?.[1] === contactId;
}

/** contactOfClaim gives the contact of an attempt that was just begun: the first one's, where there are several. */
export function contactOfClaim({ text }: Passing): string {
  const contactId = CONTACT.exec(text)?.[1];
  if (contactId === undefined) throw new Error("an attempt was begun without a contact");
  return contactId;
}
