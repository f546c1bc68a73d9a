/** A Baton with a history: deliveries, dead letters of two causes, and who looks at them in a browser. */
import { createBatonClient } from "@baton/api";
import { startBaton } from "../world/baton.ts";
import { eventually } from "../world/redis-server.ts";
import { openConsole } from "./console.ts";

/** REFUSED is a contact that CXone knows nothing of. */
export const REFUSED = "300000000001";

/** Failure is how CXone answers to a contact; its words distinguish one cause from another. */
export interface Failure {
  readonly status: number;
  readonly body: string;
  readonly contactId: string;
}

/** startWithDeadLetters starts everything, has `deadLetters` die, and signs in as an admin. */
export async function startWithDeadLetters({
  deadLetters = 3,
  environment = {} as Readonly<Record<string, string>>,
} = {}) {
  const baton = await startBaton({}, environment);
  const admin = await baton.startAdmin();
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: admin.key });
  await baton.deliver();
  const dieOf = async (count: number, failure: Failure) => {
    baton.simulator.answer(failure);
    const before = (await operator.deadLetters()).total ?? 0;
    for (let sent = 0; sent < count; sent += 1) await baton.send({ contactId: failure.contactId });
    await eventually(async () => (await operator.deadLetters()).total, before + count);
  };
  const die = (count: number) => dieOf(count, { status: 404, body: "contact not found", contactId: REFUSED });
  await die(deadLetters);
  const console = await openConsole({ url: admin.url });
  await console.open("/");
  await console.signIn(admin.key);
  return { ...baton, admin, operator, die, dieOf, console };
}
