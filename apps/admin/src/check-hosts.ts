/** Which hosts a connector may name: issuer and API alike must be on the allow list before anything is sent there. */
import { type Complaint, type CxOneTarget, Refusal } from "@baton/domain";

/** AllowedHosts judges a URL. */
export interface AllowedHosts {
  check(url: string): { readonly ok: true } | { readonly ok: false; readonly detail: string };
}

/** checkHosts throws Refusal `invalid-connector`, with a pointer to each address that is not allowed. */
export function checkHosts({ issuer, apiEndpoint }: CxOneTarget, allowedHosts: AllowedHosts): void {
  const errors = Object.entries({ issuer, apiEndpoint }).flatMap(([name, url]): readonly Complaint[] => {
    const verdict = url === undefined ? { ok: true as const } : allowedHosts.check(url);
    return verdict.ok ? [] : [{ pointer: `/cxone/${name}`, message: verdict.detail }];
  });
  if (errors.length === 0) return;
  throw new Refusal(
    "invalid-connector",
    "its addresses are not allowed; BATON_ALLOWED_HOSTS adds to CXone's own hosts",
    { errors },
  );
}
