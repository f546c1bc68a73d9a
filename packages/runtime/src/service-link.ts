/**
 * Service links: variables that Kubernetes sets in every container for each service of its namespace, named after the
 * service.
 */

/**
 * Of a service `baton-admin`: `BATON_ADMIN_SERVICE_HOST`, `…_SERVICE_PORT_HTTP`, `BATON_ADMIN_PORT_8081_TCP_ADDR`, …
 */
const NAME =
  /^BATON_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;
/** `BATON_ADMIN_PORT` is a port of ours and a service's address: what it holds tells which. */
const PORT_NAME = /^BATON_(?:[A-Z0-9_]+_)?PORT$/;
const ADDRESS = /^(?:tcp|udp|sctp):\/\//;

/** isServiceLink says whether Kubernetes made this variable: it says nothing to Baton. */
export function isServiceLink(name: string, value: string): boolean {
  return NAME.test(name) || (PORT_NAME.test(name) && ADDRESS.test(value));
}
