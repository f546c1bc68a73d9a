/** Changes that a browser's cookie stands for: only from the console's own pages (cross-site request forgery). */
import { Refusal } from "@baton/domain";
import type { FastifyRequest } from "fastify";

/** READS change nothing, whatever site has a browser send them; that site cannot read the answer. */
const READS = ["GET", "HEAD", "OPTIONS"];

/**
 * refuseCrossSite throws Refusal `cross-site` for a change that another site may have had a browser ask for: the
 * browser says where it came from, and a form cannot send JSON.
 */
export function refuseCrossSite(request: FastifyRequest): void {
  if (READS.includes(request.method)) return;
  if (!saysSameSite(request))
    throw new Refusal("cross-site", "neither `Sec-Fetch-Site` nor `Origin` says this site; nothing was changed");
  const media = request.headers["content-type"];
  if (media !== undefined && !/^application\/json *(;|$)/i.test(media))
    throw new Refusal("cross-site", "with a session's cookie, a body is application/json; nothing was changed");
}

/** isCrossSite: a browser says that it came from elsewhere. Other clients send neither header. */
export function isCrossSite(request: FastifyRequest): boolean {
  const { origin, "sec-fetch-site": site } = request.headers;
  return (origin !== undefined || site !== undefined) && !saysSameSite(request);
}

/**
 * saysSameSite believes a browser's `Sec-Fetch-Site`, which no page can set. Older ones, and all on plain http, send
 * only `Origin`: its host must be the one that the request was sent to.
 */
function saysSameSite({ headers, host }: FastifyRequest): boolean {
  const { origin, "sec-fetch-site": site } = headers;
  if (site !== undefined) return site === "same-origin";
  if (origin === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: from } = new URL(origin);
  // Written as URLs do: without the port that the scheme has anyway.
  const here = `${protocol}//${host}`;
  return URL.canParse(here) && new URL(here).host === from;
}
