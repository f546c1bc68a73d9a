/** Detail: CXone's own words about a refusal, short and without anything that was entrusted to us. */
import { headerOf, type Reply, type ReplyHeaders } from "./reply.ts";

/** MAX_DETAIL_LENGTH in UTF-16 units: one line of a log or a table. */
const MAX_DETAIL_LENGTH = 200;

/** MAX_TEXT_LENGTH is how much of an answer is searched for secrets; two hundred characters survive. */
const MAX_TEXT_LENGTH = 8_192;

/** WORD_LENGTH: values shorter than this are removed only where they stand alone; else a `1` would riddle every status. */
const WORD_LENGTH = 4;

const REDACTED = "[redacted]";

/** The members that CXone's families of API put their words in. */
const MESSAGE_MEMBERS = ["error", "error_description", "errorDescription", "message", "errorMessage"] as const;

/**
 * readDetail gives what a reply says, redacted of `secrets` in whatever form they were echoed, at most 200 characters;
 * undefined when it says nothing.
 */
export function readDetail(reply: Reply, secrets: readonly string[]): string | undefined {
  const text = reply.kind === "answered" ? answerText(reply) : reply.detail;
  return redact(text, secrets) || undefined;
}

/** redact removes every secret from `text`, makes it one line and caps it without cutting a character in half. */
export function redact(text: string, secrets: readonly string[]): string {
  const echoes = [...new Set(secrets)].filter((secret) => secret.trim() !== "").map(echoOf);
  const clean = removeAll(text.slice(0, MAX_TEXT_LENGTH).normalize("NFC"), echoes);
  // The cut may have gone through a secret, whose head no pattern knows: drop as much as the longest could have left.
  const atRisk = text.length <= MAX_TEXT_LENGTH ? 0 : Math.max(0, ...echoes.map((echo) => echo.longest));
  const line = clean.slice(0, Math.max(0, clean.length - atRisk)).replace(/[\s\u0000-\u001f\u007f-\u009f]+/gu, " ");
  return cap(line.trim()).toWellFormed();
}

function cap(line: string): string {
  return line.length <= MAX_DETAIL_LENGTH ? line : `${line.slice(0, MAX_DETAIL_LENGTH - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

function answerText(reply: Extract<Reply, { kind: "answered" }>): string {
  const words = reply.cut ? [reply.body] : bodyWords(reply.body);
  const described = headerText(reply.headers, "icstatusdescription");
  if (described !== undefined) words.push(described);
  if (reply.status >= 300 && reply.status < 400) words.push(redirectTarget(reply.headers));
  return [...new Set(words.map((word) => word.trim()).filter((word) => word !== ""))].join(": ");
}

function bodyWords(body: string): string[] {
  const json = parseJson(body);
  if (json === undefined) return [body.replace(/<[^<>]*>/g, " ")];
  if (typeof json === "string") return [json];
  return messagesIn(Array.isArray(json) ? json[0] : json);
}

function messagesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const members = value as Readonly<Record<string, unknown>>;
  return MESSAGE_MEMBERS.flatMap((name) => {
    const member = members[name];
    return typeof member === "string" ? [member] : name === "error" ? messagesIn(member) : [];
  });
}

function redirectTarget(headers: ReplyHeaders): string {
  const location = headerOf(headers, "location") ?? "";
  return URL.canParse(location) ? `redirected to ${new URL(location).origin}` : "redirected";
}

/** headerText reads a header as UTF-8: Node gives Latin-1, in which no echoed parameter would be recognised. */
function headerText(headers: ReplyHeaders, name: string): string | undefined {
  const value = headerOf(headers, name);
  return value === undefined ? undefined : Buffer.from(value, "latin1").toString("utf8");
}

/** parseJson gives undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Echo is the forms in which a secret may come back, as a regular expression's source. */
interface Echo {
  readonly source: string;
  /** The secret's own length, and the length of its longest form. */
  readonly length: number;
  readonly longest: number;
}

/** echoOf knows a secret plain, in a URL (once or twice encoded), a form, JSON, HTML, any mixture of these, and base64. */
function echoOf(secret: string): Echo {
  const plain = secret.normalize("NFC");
  const units = plain.trim().match(/\s+|./gsu) ?? [];
  const bytes = Buffer.from(secret);
  const base64 = [bytes.toString("base64").replace(/=+$/, ""), bytes.toString("base64url")].map(escapeRegExp);
  const spelled = units.map(unitSource).join("");
  const source = `${plain.length < WORD_LENGTH ? standingAlone(spelled) : spelled}|${base64.join("|")}`;
  // The longest spelling of a byte is `%25XX`.
  return {
    source,
    length: plain.length,
    longest: units.reduce((sum, unit) => sum + (ALPHANUMERIC.test(unit) ? 1 : 5 * Buffer.byteLength(unit)), 0),
  };
}

const ALPHANUMERIC = /^[A-Za-z0-9]$/;
const HTML_NAMES: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" };

function unitSource(unit: string): string {
  if (ALPHANUMERIC.test(unit)) return unit;
  if (/^\s/.test(unit)) return "(?:\\s|\\+|%(?:25)?(?:20|0[9AD])|\\\\[nrtf]|&nbsp;)+";
  const percent = Array.from(Buffer.from(unit), (byte) => `%(?:25)?${byte.toString(16).padStart(2, "0")}`).join("");
  const json = Array.from({ length: unit.length }, (_, at) => `\\\\u${unit.charCodeAt(at).toString(16).padStart(4, "0")}`).join("");
  const code = unit.codePointAt(0) ?? 0;
  const html = `&(?:#0*${code}|#x0*${code.toString(16)}${HTML_NAMES[unit] === undefined ? "" : `|${HTML_NAMES[unit]}`});`;
  // Encoded first: a plain % or & would leave the rest of its own encoding behind.
  return `(?:${percent}|${json}|${html}|\\\\{0,4}${escapeRegExp(unit)})`;
}

function standingAlone(source: string): string {
  return `(?<![\\p{L}\\p{N}])${source}(?![\\p{L}\\p{N}])`;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function removeAll(text: string, echoes: readonly Echo[]): string {
  if (echoes.length === 0) return text;
  // The longest first, so that a value which contains another goes as a whole.
  const sources = echoes.toSorted((a, b) => b.length - a.length).map((echo) => echo.source);
  return text.replace(new RegExp(sources.join("|"), "giu"), REDACTED);
}
