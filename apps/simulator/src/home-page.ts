/** The page at `/`: what this simulator can do, what has happened, and how much of it NICE documents. */
import { ANSWER_PROVENANCE } from "./provenance-of-answers.ts";
import type { SimulatorControls, SimulatorState } from "./simulator-controls.ts";
import type { Route } from "./simulator-route-types.ts";

/** homePageRoute serves one self-contained page without scripts; a reload shows new counts. */
export function homePageRoute(controls: SimulatorControls): Route {
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
  };
  return {
    method: "GET",
    pattern: /^\/$/,
    serve: ({ origin }) => ({ answer: { status: 200, headers, body: renderPage(controls.state(), origin) } }),
  };
}

const CXONE_ENDPOINTS = [
  ["GET /.well-known/openid-configuration", "where the token endpoint is"],
  ["GET /.well-known/cxone-configuration?tenantId=", "where a tenant's API is"],
  ["POST /auth/token", "a token, for any client and access key unless one was declared"],
  ["GET /auth/jwks", "the public half of the key that signs the tokens"],
  [
    "POST /inContactAPI/services/v{N}.0/interactions/{contactId}/signal",
    "signals a contact; any version, any case of the path",
  ],
  ["GET /inContactAPI/services/v{N}.0/server-time", "proves token and address"],
  [
    "GET …/contacts/{contactId}, …/state-history, …/hierarchy, GET …/contacts/active?contactId=",
    "the state of a contact",
  ],
  ["POST …/contacts/{contactId}/end", "ends a contact"],
] as const;

const CONTROL_ENDPOINTS = [
  [
    "POST /__sim/faults",
    '{"scope": {"contactId" | "accessKeyId"}, "on": "signal" | "token" | "discovery" | "api", "times": 1, "fault": {"status": 503}} → {id}',
  ],
  ["GET /__sim/faults · DELETE /__sim/faults/{id}", "the faults that stand; withdraw one"],
  ["DELETE /__sim/faults", "CXone is repaired"],
  [
    "POST /__sim/contacts",
    '{"contactId": "100000000001", "state": "active" | "ended" | "unknown" | "otherBusinessUnit", "status": 409, "onSignal": true}',
  ],
  ["GET /__sim/contacts/{contactId}", "what was declared"],
  [
    "POST /__sim/access-keys",
    '{"accessKeyId", "accessKeySecret", "clientId", "clientSecret"}: from then on only these work',
  ],
  [
    "GET /__sim/signals?contactId=&accessKeyId=&effect=&cursor=&limit=",
    "every signal request that arrived, oldest first",
  ],
  ["GET /__sim/token-requests?accessKeyId=", "every token request"],
  ["POST /__sim/tokens/revoke", '{"accessKeyId"} or nothing: all'],
  ["GET, POST /__sim/settings", "how CXone behaves where nothing is published"],
  ["GET /__sim/state", "the counts on this page"],
  ["POST /__sim/reset", "as after the start; tokens stay valid"],
  ["GET /livez · GET /readyz", "health"],
] as const;

const FAULT_MEMBERS =
  "status, retryAfter (seconds or date), body, contentType, delayMs, reset (before, after, during), redirectTo, icStatusDescription, echoParams, hang, effect";

function renderPage(state: SimulatorState, origin: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>CXone simulator</title>
<style>${STYLE}</style></head><body><main>
<h1>CXone simulator</h1>
<p>Stands in for NICE CXone: issuer and API address are both <code>${escapeHtml(origin)}</code>. Everything is kept in memory and forgotten when it stops.</p>
<h2>Now</h2>${renderTable(["what", "count"], rowsOfCounts(state))}
<h2>Settings</h2>${renderTable(
    ["setting", "value"],
    Object.entries(state.settings).map(([name, value]) => [name, String(value)]),
  )}
<h2>What it plays of CXone</h2>${renderTable(["endpoint", "for"], CXONE_ENDPOINTS)}
<h2>How to control it</h2><p>A fault has any of: ${escapeHtml(FAULT_MEMBERS)}. Of the faults that match a request, the oldest is used.</p>${renderTable(["endpoint", "takes or does"], CONTROL_ENDPOINTS)}
<h2>How true it is</h2><p><b>documented</b>: by NICE. <b>reported</b>: by a third party's page or working client. <b>assumed</b>: it is not published. Nothing here was compared with a live tenant.</p>
${renderTable(
  ["answer", "standing", "source"],
  ANSWER_PROVENANCE.map(({ answer, standing, source }) => [answer, standing, source]),
)}
</main></body></html>
`;
}

function rowsOfCounts({
  signals,
  contacts,
  tokens,
  faults,
  connections,
}: SimulatorState): readonly (readonly [string, string])[] {
  const statuses = Object.entries(signals.byStatus).map(([status, count]) => `${status}: ${count}`);
  return [
    ["signal requests", `${signals.received} (${signals.kept} kept, ${signals.dropped} dropped)`],
    ["of them took effect", String(signals.effective)],
    ["arrived while another of the same contact was open", String(signals.overlapping)],
    ["with a parameter given twice", String(signals.givenTwice)],
    ["answers by status", statuses.join(", ") || "none yet"],
    ["open signal requests and connections", `${signals.inFlight} and ${connections}`],
    ["contacts signalled, contacts declared", `${contacts.signalled}, ${contacts.declared}`],
    ["token requests, tokens issued, tokens valid", `${tokens.requests}, ${tokens.issued}, ${tokens.valid}`],
    [
      "faults that stand",
      faults.map(({ id, on, left }) => `${id} on ${on}${left === undefined ? "" : `, ${left} left`}`).join("; ") ||
        "none",
    ],
  ];
}

function renderTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("");
  const body = rows
    .map((cells) => `<tr>${cells.map((text) => `<td>${escapeHtml(text)}</td>`).join("")}</tr>`)
    .join("\n");
  return `<div><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; } main { max-width: 72rem; margin: 0 auto; padding: 1.5rem; }
h1 { margin: 0; } h2 { margin: 2rem 0 .5rem; font-size: 1.15rem; }
div { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0;
  border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
td:first-child { min-width: 16rem; overflow-wrap: anywhere; }
`;
