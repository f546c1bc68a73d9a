/**
 * Entity tags: a client that has an answer already gets its body again only if it has changed (RFC 9110
 * §13.1.2).
 */
import { hash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

/**
 * isUnchanged sets the answer's `ETag`, and says whether the asker named it in `If-None-Match`. `content` is all of the
 * answer that matters to its reader. The tag is weak: the same content, not the same bytes.
 */
export function isUnchanged(request: FastifyRequest, reply: FastifyReply, content: unknown): boolean {
  const tag = `"${hash("sha256", JSON.stringify(content), "base64url").slice(0, 22)}"`;
  reply.header("etag", `W/${tag}`).header("cache-control", "no-cache");
  const known = (request.headers["if-none-match"] ?? "").split(",").map((each) => each.trim().replace(/^W\//, ""));
  return known.includes(tag) || known.includes("*");
}
