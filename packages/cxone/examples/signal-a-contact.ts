/** node signal-a-contact.ts <contactId>: signals a contact that is still there. */
import { CxOneClient, CxOneError, createCxOneHttpClient, parseAllowedHosts } from "@baton/cxone";

const http = createCxOneHttpClient();
const cxone = new CxOneClient({
  target: { issuer: read("CXONE_ISSUER", "https://cxone.niceincontact.com"), apiVersion: "v30.0", paramsIn: "query" },
  credentials: {
    clientId: read("CXONE_CLIENT_ID"),
    clientSecret: read("CXONE_CLIENT_SECRET"),
    accessKeyId: read("CXONE_ACCESS_KEY_ID"),
    accessKeySecret: read("CXONE_ACCESS_KEY_SECRET"),
  },
  // CXone's own domains need no mention; a simulator's does: http://127.0.0.1:*
  allowedHosts: parseAllowedHosts(read("CXONE_ALLOWED_HOSTS", "").split(",").filter(Boolean)),
  http,
});

try {
  console.log(await signal(process.argv[2] ?? ""));
} catch (error) {
  if (!(error instanceof CxOneError)) throw error;
  console.log(`no answer, ${error.code}: ${error.message}`);
} finally {
  http.close();
}

async function signal(contactId: string): Promise<string> {
  const contact = await cxone.getContact(contactId, { timeLimitMs: 3_000 });
  if (contact === undefined) return "CXone knows no such contact";
  if (contact.isActive === false) return `the contact has ended: ${contact.endReason ?? contact.stateName}`;
  const outcome = await cxone.signal(contactId, { p1: "Escalate", p2: "billing question" }, { timeLimitMs: 3_000 });
  switch (outcome.kind) {
    case "accepted":
      return "CXone took the signal; CXone does not say whether a script acted on it";
    case "ambiguous":
      return `it may have arrived, and a second one would interrupt the caller again: ${outcome.detail}`;
    default:
      return `it did not arrive, ${outcome.kind}: ${outcome.detail}`;
  }
}

function read(name: string, otherwise?: string): string {
  const value = process.env[name] ?? otherwise;
  if (value === undefined) throw new Error(`${name} is required`);
  return value;
}
