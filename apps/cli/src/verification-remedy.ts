/** What to do about a step on the way to CXone that is not good. */
import type { Verification } from "@baton/api";

type Step = Verification["steps"][number];

/** Remedy is what to do where a step's detail reads like this. */
interface Remedy {
  readonly when: RegExp;
  readonly remedy: string;
}

const ANYWHERE: readonly Remedy[] = [
  {
    when: /the key ring does not open/,
    remedy:
      "Put the key that it names behind the others in BATON_KEYRING, on every process; if that key is lost, send all four credentials anew.",
  },
  {
    when: /is not an allowed host/,
    remedy:
      "Let Baton's operator add the host to BATON_ALLOWED_HOSTS of admin and workers, or correct the address in `cxone`: only CXone's own hosts are allowed by themselves.",
  },
  {
    when: /^(?!ambiguous).*HTTP (?:429|5\d\d)/,
    remedy: "CXone is overloaded or out of order: try again in a minute; handoffs wait meanwhile.",
  },
  {
    when: /name was not resolved/,
    remedy:
      "The host's name is not known: look for a slip in `cxone`, and at the name service of the machine that admin runs on.",
  },
  {
    when: /TLS failed/,
    remedy:
      "Somebody on the way shows another certificate than CXone's: look for a proxy that opens TLS, and have this host left out there, or give admin and workers its certificate (NODE_EXTRA_CA_CERTS).",
  },
  {
    when: /the proxy/,
    remedy:
      "The egress proxy does not let the request through: look at BATON_EGRESS_PROXY, and whether the proxy allows CONNECT to this host.",
  },
];

const UNREACHABLE = "Nothing answers there: look at the firewall, at BATON_EGRESS_PROXY, and for a slip in `cxone`.";

const BY_STEP: Readonly<Record<Step["name"], { readonly remedies: readonly Remedy[]; readonly otherwise: string }>> = {
  discovery: {
    remedies: [
      {
        when: /HTTP [34]\d\d/,
        remedy:
          "This address has no identity service: `cxone.issuer` is https://cxone.niceincontact.com, unless the tenant is FedRAMP or sovereign.",
      },
    ],
    otherwise: UNREACHABLE,
  },
  token: {
    remedies: [
      {
        when: /invalid_client/,
        remedy:
          "CXone does not know this client: compare clientId and clientSecret with what NICE sent for the registration, and whether it is of this region.",
      },
      {
        when: /HTTP 40[013]/,
        remedy:
          "CXone refuses the access key: compare accessKeyId and accessKeySecret with the tenant's, and see there whether key and user are active. `invalid_client` would mean the registration.",
      },
      {
        when: /HTTP [34]\d\d/,
        remedy: "The token endpoint that discovery names does not answer as one: look at `cxone.issuer`.",
      },
    ],
    otherwise: UNREACHABLE,
  },
  api: {
    remedies: [
      {
        when: /names no tenant/,
        remedy: "Give the connector `cxone.tenantId`, or the API's address as `cxone.apiEndpoint`.",
      },
      {
        when: /cxone-configuration/,
        remedy: "Discovery knows no API of this tenant: look at `cxone.tenantId`, or set `cxone.apiEndpoint`.",
      },
      {
        when: /HTTP 40[13]/,
        remedy:
          "The API does not take the token: does `cxone.apiEndpoint` belong to this tenant's region, and has the user's role access to the API?",
      },
      {
        when: /HTTP [34]\d\d/,
        remedy: "The API does not know this path: look at `cxone.apiVersion` and `cxone.apiEndpoint`.",
      },
    ],
    otherwise: UNREACHABLE,
  },
  signal: {
    remedies: [
      { when: /HTTP 40[13]/, remedy: "The user may not signal contacts: give the access key's user a role that may." },
      {
        when: /HTTP 404/,
        remedy:
          "CXone knows no such contact, or not this version of the call: use the contact id of a call that is up right now, and look at `cxone.apiVersion`.",
      },
      {
        when: /HTTP 4\d\d/,
        remedy:
          "CXone refuses this contact or these parameters: use the contact id of a call that is up right now, and look at `cxone.paramsIn`.",
      },
    ],
    otherwise: "Nobody knows whether the signal arrived: look at what the Studio script did before you send another.",
  },
};

/** remedyOf says what to do about a step; undefined for one that is good. */
export function remedyOf({ name, ok, detail }: Step): string | undefined {
  if (ok) return undefined;
  const { remedies, otherwise } = BY_STEP[name];
  return [...ANYWHERE, ...remedies].find(({ when }) => when.test(detail))?.remedy ?? otherwise;
}
