/** Reading a request's body, up to what any of these endpoints may need. */
import type { IncomingMessage } from "node:http";

/** MAX_BODY_BYTES: a signal's nine parameters take a few kilobytes, a list of declared contacts up to a megabyte. */
export const MAX_BODY_BYTES = 1_048_576;

/** ReadBody: `gone` when the client left before the end, `too-large` past the limit (the rest is discarded). */
export type ReadBody =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "too-large" }
  | { readonly kind: "gone" };

/** hasRequestBody says whether anything follows the headers. */
export function hasRequestBody(request: IncomingMessage): boolean {
  const length = request.headers["content-length"];
  return request.headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

/** readRequestBody waits for the whole body. Never rejects. */
export function readRequestBody(request: IncomingMessage): Promise<ReadBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on("end", () => {
      resolve(
        bytes > MAX_BODY_BYTES ? { kind: "too-large" } : { kind: "text", text: Buffer.concat(chunks).toString("utf8") },
      );
    });
    request.on("error", () => resolve({ kind: "gone" }));
    request.on("close", () => resolve({ kind: "gone" }));
  });
}
