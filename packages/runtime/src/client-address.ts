/** Where a request came from. */
import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";

/**
 * clientAddress gives the client's IP address; behind a trusted proxy the one it forwarded for.
 *
 * A proxy that forwards for what is no address (`unknown`, a name) is itself taken for the client: nobody's words get any further.
 */
export function clientAddress(request: FastifyRequest): string {
  return isIP(request.ip) === 0 ? (request.socket.remoteAddress ?? "") : request.ip;
}
