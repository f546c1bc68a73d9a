/** A program on the generated TypeScript client: every answer and refusal is typed, or it does not compile. */
import createClient from "openapi-fetch";
import type { paths as AdminPaths } from "./admin.ts";
import type { components, paths } from "./ingress.ts";

declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

type Handoff = components["schemas"]["Handoff"];
type NewHandoff = components["schemas"]["NewHandoff"];

const { INGRESS_URL = "", ADMIN_URL = "", TOKEN = "", ADMIN_KEY = "" } = process.env;
const baton = createClient<paths>({ baseUrl: INGRESS_URL, headers: { authorization: `Bearer ${TOKEN}` } });
const admin = createClient<AdminPaths>({ baseUrl: ADMIN_URL, headers: { authorization: `Bearer ${ADMIN_KEY}` } });

const body: NewHandoff = { contactId: "100000000001", params: { p1: "Escalate" }, sharedId: "typescript" };
const header = { "Idempotency-Key": "typescript-1", Prefer: "wait=20" };

const { data: sent, response } = await baton.POST("/v1/handoffs", { params: { header }, body });
const handoff: Handoff = present(sent);
expect(handoff.status === "delivered" && handoff.attempts[0]?.outcome === "accepted", handoff);
expect(response.headers.get("location") === `/v1/handoffs/${handoff.id}`, response.headers.get("location"));

const again = await baton.POST("/v1/handoffs", { params: { header }, body });
expect(again.data?.id === handoff.id && again.response.headers.get("idempotent-replayed") === "true", again.data);

const path = { id: handoff.id };
expect((await baton.GET("/v1/handoffs/{id}", { params: { path } })).data?.status === "delivered", "read");
const list = await baton.GET("/v1/handoffs", { params: { query: { sharedId: "typescript", limit: 1 } } });
expect(list.data?.items[0]?.id === handoff.id, list.data);

const late = await baton.POST("/v1/handoffs/{id}/cancel", { params: { path } });
expect(late.error?.status === 409 && late.error.handoffStatus === "delivered", late.error);
const wrong = await baton.POST("/v1/handoffs", { body: { contactId: "x" } });
expect(wrong.error?.errors?.[0]?.pointer === "/contactId", wrong.error);

const { data: call } = await baton.POST("/v1/calls", {
  body: { pseudoNumber: "+15550100100", sipHeaders: { "X-InContact-ContactId": "100000000002" } },
});
const batch = await baton.POST("/v1/handoffs/batch", {
  body: { handoffs: [{ callId: present(call).id }, { contactId: "x" }] },
});
expect(batch.data?.results.map(({ status }) => status).join() === "202,422", batch.data);

const overview = await admin.GET("/admin/v1/overview");
expect(overview.data?.connectors[0]?.name === "Tools", overview.data);

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("there was no answer");
  return value;
}

function expect(isSo: boolean, seen: unknown): void {
  if (!isSo) throw new Error(`unexpected: ${JSON.stringify(seen)}`);
}
