import { expect, it } from "vitest";
import { startIntake } from "./world/baton.ts";

const BATCH = "/v1/handoffs/batch";
const BODY = { contactId: "100000000001" };

/** countsOf reads how many handoffs an ingress says that it refused, by reason. */
async function countsOf(ingressUrl: string): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${ingressUrl}/metrics`)).text();
  const lines = [...text.matchAll(/^baton_handoffs_refused_total\{reason="([a-z-]+)"\} ([1-9]\d*)$/gm)];
  return Object.fromEntries(lines.map(([, reason = "", count]) => [reason, Number(count)]));
}

it("counts every handoff that is refused, whatever refuses it", async () => {
  const { raw, ingressUrl } = await startIntake();
  expect((await raw({ body: BODY })).status).toBe(202);
  expect(await countsOf(ingressUrl)).toEqual({});
  for (const request of [
    { body: BODY, headers: { authorization: "Bearer nonsense" } },
    { body: "{ broken" },
    { body: { contactId: "one" } },
    { body: BODY, headers: { "content-type": "text/plain" } },
    { body: BODY, headers: { "idempotency-key": "é" } },
    { path: BATCH, body: { handoffs: [{}, BODY, { contactId: "" }] } },
    { path: BATCH, body: "{ broken" },
  ])
    await raw(request);
  expect(await countsOf(ingressUrl)).toEqual({
    unauthenticated: 1,
    "malformed-json": 2,
    "invalid-handoff": 4,
    "unsupported-media-type": 1,
  });
});

it("counts what the connector's switch refuses", async () => {
  const { raw, ingressUrl } = await startIntake({ enabled: false });
  expect((await raw({ body: BODY })).status).toBe(403);
  expect(await countsOf(ingressUrl)).toEqual({ "connector-disabled": 1 });
});
