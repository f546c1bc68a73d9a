/** What to do about a step on the way to CXone that is not good. */
import type { AccessCheckCode } from "@baton/domain";
import type { Verification } from "./connector-verification.ts";

type Step = Verification["steps"][number];
type Remedies = Readonly<Partial<Record<AccessCheckCode, string>>>;

/** AT_ANY_STEP goes first: what it says holds wherever the way ends so. */
const AT_ANY_STEP: Remedies = {
  "key-missing":
    "Put the key that it names behind the others in BATON_KEYRING, on every process; if that key is lost, send all four credentials anew.",
  "host-not-allowed":
    "Let Baton's operator add the host to BATON_ALLOWED_HOSTS of admin and workers, or correct the address in `cxone`: only CXone's own hosts are allowed by themselves.",
  overloaded: "CXone is overloaded or out of order: try again in a minute; handoffs wait meanwhile.",
  "name-not-resolved":
    "The host's name is not known: look for a slip in `cxone`, and at the name service of the machine that admin runs on.",
  "tls-failed":
    "A server on the way shows another certificate than CXone's: look for a proxy that opens TLS, and have this host left out there, or give admin and workers its certificate (NODE_EXTRA_CA_CERTS).",
  "proxy-refused":
    "The egress proxy does not let the request through: look at BATON_EGRESS_PROXY, and whether the proxy allows CONNECT to this host.",
};

const UNREACHABLE = "Nothing answers there: look at the firewall, at BATON_EGRESS_PROXY, and for a slip in `cxone`.";
const NO_IDENTITY_SERVICE =
  "This address has no identity service: `cxone.issuer` is https://cxone.niceincontact.com, unless the tenant is FedRAMP or sovereign.";
const NO_TOKEN_ENDPOINT = "The token endpoint that discovery names does not answer as one: look at `cxone.issuer`.";
const NO_SUCH_PATH = "The API does not know this path: look at `cxone.apiVersion` and `cxone.apiEndpoint`.";

/** BY_STEP: what one step's code means there; `otherwise` goes with any other code. */
const BY_STEP: Readonly<Record<Step["name"], { readonly remedies: Remedies; readonly otherwise: string }>> = {
  discovery: {
    remedies: {
      "not-found": NO_IDENTITY_SERVICE,
      redirected: NO_IDENTITY_SERVICE,
      rejected: NO_IDENTITY_SERVICE,
      unauthorized: NO_IDENTITY_SERVICE,
    },
    otherwise: UNREACHABLE,
  },
  token: {
    remedies: {
      "client-unknown":
        "CXone does not know this client: compare clientId and clientSecret with what NICE sent for the registration, and whether it is of this region.",
      "credentials-refused":
        "CXone refuses the access key: compare accessKeyId and accessKeySecret with the tenant's, and see there whether key and user are active. `invalid_client` would mean the registration.",
      "not-found": NO_TOKEN_ENDPOINT,
      redirected: NO_TOKEN_ENDPOINT,
      rejected: NO_TOKEN_ENDPOINT,
    },
    otherwise: UNREACHABLE,
  },
  api: {
    remedies: {
      "no-tenant": "Give the connector `cxone.tenantId`, or the API's address as `cxone.apiEndpoint`.",
      "no-api": "Discovery knows no API of this tenant: look at `cxone.tenantId`, or set `cxone.apiEndpoint`.",
      unauthorized:
        "The API does not take the token: does `cxone.apiEndpoint` belong to this tenant's region, and has the user's role access to the API?",
      "not-found": NO_SUCH_PATH,
      redirected: NO_SUCH_PATH,
      rejected: NO_SUCH_PATH,
    },
    otherwise: UNREACHABLE,
  },
  signal: {
    remedies: {
      unauthorized: "The user may not signal contacts: give the access key's user a role that may.",
      "not-found":
        "CXone knows no such contact, or not this version of the call: use the contact id of a call that is up right now, and look at `cxone.apiVersion`.",
      rejected:
        "CXone refuses this contact or these parameters: use the contact id of a call that is up right now, and look at `cxone.paramsIn`.",
      unreachable: UNREACHABLE,
    },
    otherwise:
      "It is not known whether the signal arrived: look at what the Studio script did before you send another.",
  },
};

/** describeVerificationRemedy says what to do about a step; undefined for one that is good. */
export function describeVerificationRemedy({ name, ok, code }: Pick<Step, "name" | "ok" | "code">): string | undefined {
  if (ok) return undefined;
  const { remedies, otherwise } = BY_STEP[name];
  return (code && (AT_ANY_STEP[code] ?? remedies[code])) ?? otherwise;
}
