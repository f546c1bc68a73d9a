/** The load generator's process: plays phases that its parent sends, and ends with it. */
import { ConnectionPool } from "./connection-pool.ts";
import { sendPaced } from "./pacing.ts";
import { PARAMS, type Phase, type PhaseCall, type PhaseResult, type Sent } from "./phase.ts";

const pools = new Map<number, ConnectionPool>();

process.on("message", ({ call, phase }: PhaseCall) => {
  play(phase).then(
    (result) => process.send?.({ call, result }),
    (error: unknown) => process.send?.({ call, error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

async function play({ port, tokens, firstContact, shape, params = PARAMS, waitS }: Phase): Promise<PhaseResult> {
  const pool = pools.get(port) ?? new ConnectionPool(port);
  pools.set(port, pool);
  const epoch = epochOfPerformance();
  const sent: Sent[] = [];
  const prefer = waitS === undefined ? "" : `Prefer: wait=${waitS}\r\n`;
  const cpuBefore = process.cpuUsage();
  const startedAt = epoch + performance.now();
  await sendPaced(shape, async (number, intendedAt) => {
    const contactId = String(firstContact + number);
    const status = await pool.send(
      requestOf({ token: tokens[number % tokens.length] ?? "", prefer }, { contactId, params }),
    );
    sent.push({ contactId, intendedAt: epoch + intendedAt, answeredAt: epoch + performance.now(), status });
    return status;
  });
  const { user, system } = process.cpuUsage(cpuBefore);
  return { startedAt, endedAt: epoch + performance.now(), sent, cpuSeconds: (user + system) / 1e6 };
}

function requestOf({ token, prefer }: { readonly token: string; readonly prefer: string }, handoff: object): string {
  const body = JSON.stringify(handoff);
  const head = `Host: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n${prefer}Content-Type: application/json\r\nContent-Length: ${body.length}`;
  return `POST /v1/handoffs HTTP/1.1\r\n${head}\r\n\r\n${body}`;
}

/**
 * epochOfPerformance waits for the wall clock's next millisecond: the simulator's instants are on that clock, cut to
 * milliseconds.
 */
function epochOfPerformance(): number {
  const first = Date.now();
  for (;;) {
    const now = Date.now();
    if (now > first) return now - performance.now();
  }
}
