/** Headers that no request may lack, or that none may carry: Node alone would refuse both without a problem. */
import type { IncomingMessage } from "node:http";
import { Refusal } from "@baton/domain";
import type { FastifyInstance } from "fastify";

/** checkHostAndExpectHeaders has `app` refuse HTTP/1.1 without `Host`, and an `Expect` other than `100-continue`. */
export function checkHostAndExpectHeaders(app: FastifyInstance): void {
  const withUnmetExpectation = new WeakSet<IncomingMessage>();
  app.server.on("checkExpectation", (request, response) => {
    withUnmetExpectation.add(request);
    app.server.emit("request", request, response);
  });
  app.addHook("onRequest", ({ raw, headers }, _, done) => {
    if (headers.host === undefined && raw.httpVersion === "1.1")
      throw new Refusal("invalid-request", "an HTTP/1.1 request names its host: send the header Host");
    if (withUnmetExpectation.has(raw))
      throw new Refusal("expectation-failed", "nothing but 100-continue can be expected here");
    done();
  });
}
