import { expect, it } from "vitest";
import { callBodySchema, MAX_SIP_HEADER_BYTES, MAX_SIP_HEADERS } from "./registered-call.ts";

const headers = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-${i}`, "v"]));
const judge = (body: Record<string, unknown>) =>
  callBodySchema
    .safeParse({ pseudoNumber: "+15550100100", sipHeaders: {}, ...body })
    .error?.issues.map(({ path }) => path.join("/"));

it("takes a hundred headers of eight kilobytes", () => {
  expect(
    judge({ sipHeaders: { ...headers(MAX_SIP_HEADERS - 1), "X-Long": "v".repeat(MAX_SIP_HEADER_BYTES) } }),
  ).toBeUndefined();
});

it.each([
  ["sipHeaders", { sipHeaders: headers(200) }],
  ["sipHeaders", { sipHeaders: undefined }],
  ["sipHeaders", { sipHeaders: [] }],
  ["sipHeaders", { sipHeaders: { ["n".repeat(9_000)]: "v" } }],
  ["sipHeaders/X-Long", { sipHeaders: { "X-Long": "v".repeat(9_000) } }],
  ["sipHeaders/X-Long", { sipHeaders: { "X-Long": "ü".repeat(5_000) } }],
  ["sipHeaders/X-Number", { sipHeaders: { "X-Number": 1 } }],
  ["sipHeaders/X-List", { sipHeaders: { "X-List": ["a"] } }],
  ["pseudoNumber", { pseudoNumber: "12" }],
  ["pseudoNumber", { pseudoNumber: "sip:1555@host" }],
  ["pseudoNumber", { pseudoNumber: 15_550_100_100 }],
  ["sharedId", { sharedId: "" }],
])("refuses a call for its %s", (pointer, body) => {
  expect(judge(body)).toEqual([pointer]);
});
