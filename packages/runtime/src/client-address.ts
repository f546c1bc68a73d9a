/** Where a request came from. */
import { isIP, isIPv6 } from "node:net";
import type { FastifyRequest } from "fastify";

/** IPv6 addresses have eight groups; the first four name a network, and one household may use any address in it. */
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/**
 * clientAddressOfRequest gives the client's IP address; behind a trusted proxy the one it forwarded for.
 *
 * A proxy that forwards for what is no address (`unknown`, a name) is itself taken for the client: addresses
 * before it are not believed.
 */
export function clientAddressOfRequest(request: FastifyRequest): string {
  const address = isIP(request.ip) === 0 ? (request.socket.remoteAddress ?? "") : request.ip;
  // An IPv4 client of a listener for both is written so.
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

/**
 * networkPrefixOf gives what one client can easily have many addresses in: the first 64 bits of an IPv6 address, an
 * IPv4 address itself.
 */
export function networkPrefixOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = [], tail = []] = address.split("::").map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array<string>(Math.max(0, GROUPS - head.length - tail.length)).fill("0");
  return [...head, ...zeros, ...tail].slice(0, NETWORK_GROUPS).join(":");
}
