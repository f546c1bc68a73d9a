/** How an answer leaves: at once or later, whole or in part, or never. */
import type { ServerResponse } from "node:http";
import type { Fault } from "./faults.ts";
import type { Answer } from "./http-answers.ts";

/**
 * Reply is an answer with what happens to its delivery. `answered` is called with the status once the answer leaves in
 * full.
 */
export interface Reply {
  readonly answer: Answer;
  readonly fault?: Fault | undefined;
  readonly delayMs?: number;
  readonly answered?: (status: number) => void;
}

/** What a truncated answer promises and does not send. */
const MISSING_BYTES = 64;

/** sendReply sends a reply: at once or later, whole or in part, or never. A client that leaves early ends the wait. */
export function sendReply(response: ServerResponse, reply: Reply): void {
  const { fault } = reply;
  if (fault?.hang === true) return;
  const delayMs = (reply.delayMs ?? 0) + (fault?.delayMs ?? 0);
  if (delayMs === 0) {
    writeAnswer(response, reply);
    return;
  }
  const timer = setTimeout(writeAnswer, delayMs, response, reply);
  response.once("close", () => clearTimeout(timer));
}

function writeAnswer(response: ServerResponse, { answer, fault, answered }: Reply): void {
  if (response.destroyed) return;
  const body = answer.body ?? "";
  if (fault?.reset === "before" || fault?.reset === "after") {
    response.socket?.resetAndDestroy();
    return;
  }
  const bytes = Buffer.byteLength(body);
  if (fault?.reset === "during") {
    response.writeHead(answer.status, { ...answer.headers, "content-length": bytes + MISSING_BYTES });
    // Closed, not reset: a reset may overtake what was written, and the client is to see a status first.
    response.write(`${body} `, () => response.socket?.destroy());
    return;
  }
  answered?.(answer.status);
  response.writeHead(
    answer.status,
    answer.status === 204 ? { ...answer.headers } : { ...answer.headers, "content-length": bytes },
  );
  response.end(body);
}
