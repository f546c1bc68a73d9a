/** Headers that no request may lack, or that none may carry: Node alone would refuse both without a problem. */
import type { IncomingMessage } from "node:http";
import { Refusal } from "@baton/domain";
import type { FastifyInstance } from "fastify";

/**
 * checkHostAndExpectHeaders has `app` refuse HTTP/1.1 without `Host`, two of them (RFC 9112), and an `Expect` other
 * than `100-continue`.
 */
export function checkHostAndExpectHeaders(app: FastifyInstance): void {
  const withUnmetExpectation = new WeakSet<IncomingMessage>();
  app.server.on("checkExpectation", (request, response) => {
    withUnmetExpectation.add(request);
    app.server.emit("request", request, response);
  });
  app.addHook("onRequest", ({ raw, headers }, _, done) => {
    if (headers.host === undefined && raw.httpVersion === "1.1")
      throw new Refusal("invalid-request", "an HTTP/1.1 request names its host: send the header Host");
    if (namesTwoHosts(raw)) throw new Refusal("invalid-request", "a request names one host: send the header Host once");
    if (withUnmetExpectation.has(raw))
      throw new Refusal("expectation-failed", "nothing but 100-continue can be expected here");
    done();
  });
}

/** namesTwoHosts looks at all that came: `headers.host` is the first, and a proxy may have gone by another. */
function namesTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  // Names and values alternate.
  const isHost = (text: string, at: number) => at % 2 === 0 && text.length === 4 && text.toLowerCase() === "host";
  return rawHeaders.filter(isHost).length > 1;
}
