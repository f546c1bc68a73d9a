/**
 * Moments: what passes on the way between Baton and its neighbours when something exact happens, in Redis's protocol
 * and in HTTP.
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
export const begun: Matches = ({ direction, text }) => direction === "reply" && CONTACT.test(text);
/** The worker asks to settle: it knows CXone's answer, and Redis does not. */
export const settling: Matches = ({ direction, text }) => direction === "request" && text.includes(SETTLE);
/** The attempt is settled, and the worker does not know yet. */
export const settled: Matches = ({ direction, text }) => direction === "reply" && SETTLED.test(text);
/** The handoff is on record, and ingress does not know yet: it has no job. */
export const accepted: Matches = ({ direction, text }) => direction === "reply" && ACCEPTED.test(text);

/** signalTo matches the request of a signal to one contact. */
export function signalTo(contactId: string): Matches {
  return ({ direction, text }) => direction === "request" && SIGNAL.exec(text)?.[1] === contactId;
}

/** contactIn gives the contact of an attempt that was just begun: the first one's, where there are several. */
export function contactIn({ text }: Passing): string {
  const contactId = CONTACT.exec(text)?.[1];
  if (contactId === undefined) throw new Error("an attempt was begun without a contact");
  return contactId;
}
