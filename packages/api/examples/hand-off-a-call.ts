/** node hand-off-a-call.ts <contactId>: hands a contact off through Baton, and waits for what became of it. */
import { createBatonClient, type HandoffJson, ProblemError } from "@baton/client";

const baton = createBatonClient({ ingressUrl: read("BATON_INGRESS_URL"), token: read("BATON_TOKEN") });

try {
  const contactId = process.argv[2] ?? "";
  const handoff = await baton.send(
    { contactId, params: { p1: "Escalate", p2: "billing question" } },
    // Sent again under the same key, it is accepted once.
    { idempotencyKey: `conversation ${contactId}`, waitMs: 10_000 },
  );
  console.log(describe(handoff));
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  console.log(`refused: ${error.message}`);
}

function describe({ status, reason, mayHaveArrived }: HandoffJson): string {
  switch (status) {
    case "delivered":
      return "CXone took the signal";
    case "dead":
      return mayHaveArrived ? `it may have arrived: ${reason}` : `it did not arrive: ${reason}`;
    default:
      return `not over yet: ${status}`;
  }
}

function read(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is required`);
  return value;
}
