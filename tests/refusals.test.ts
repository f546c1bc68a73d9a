import { describe, expect, it } from "vitest";
import { startIntake } from "./world/baton.ts";
import type { RawAnswer } from "./world/raw-client.ts";

const BODY = { contactId: "100000000001", params: { p1: "Frau Müller, Kundin 4711" } };

/** What a refusal looks like from outside. */
function seen({ status, headers, json }: RawAnswer) {
  return { status, media: headers.get("content-type"), type: json.type, inBody: json.status };
}

function problem(status: number, slug: string) {
  return { status, media: "application/problem+json", type: `urn:baton:problem:${slug}`, inBody: status };
}

describe("who may not", () => {
  it("is asked to authenticate, whatever is wrong with the token, and learns nothing else", async () => {
    const { raw, token, createConnector, accepted, logLines } = await startIntake();
    const another = await createConnector();
    const [prefix, id] = token.split("_");
    const unknownToken = "bt_0000000000000000_0000000000000000000000000000000000000000000000000000";
    const tokens = [
      "",
      "Bearer",
      "Bearer nonsense",
      `Basic ${token}`,
      token,
      `Bearer ${unknownToken}`,
      `Bearer ${prefix}_${id}_${another.token.split("_")[2]}`,
      `Bearer ${token.replace("bt_", "bk_")}`,
      `Bearer ${token.replace("bt_", "ba_")}`,
      `Bearer ${token}x`,
      `Bearer ${token} ${token}`,
    ];
    for (const authorization of tokens) {
      for (const [method, path] of [
        ["POST", "/v1/handoffs"],
        ["POST", "/v1/handoffs/batch"],
        ["GET", "/v1/handoffs/ho_1"],
        ["POST", "/v1/handoffs/ho_1/cancel"],
      ] as const) {
        const answer = await raw({
          method,
          path,
          headers: { authorization },
          ...(method === "GET" ? {} : { body: "{ broken" }),
        });
        expect.soft(seen(answer), `${method} ${path} with "${authorization}"`).toEqual(problem(401, "unauthenticated"));
        expect.soft(answer.headers.get("www-authenticate")).toBe("Bearer");
      }
    }
    expect(await accepted()).toEqual([]);
    for (const secret of [token, another.token, unknownToken])
      expect(logLines.join()).not.toContain(secret.split("_")[2]);
  });

  it("is refused while the connector is disabled", async () => {
    const { raw, accepted } = await startIntake({ enabled: false });
    expect(seen(await raw({ body: BODY }))).toEqual(problem(403, "connector-disabled"));
    expect(await accepted()).toEqual([]);
  });

  it("does not find another's handoff, just as one that never was", async () => {
    const { send, client, raw, createConnector } = await startIntake();
    const { id } = await send();
    const { token } = await createConnector();
    const headers = { authorization: `Bearer ${token}` };
    const answers = await Promise.all([
      raw({ method: "GET", path: `/v1/handoffs/${id}`, headers }),
      raw({ method: "GET", path: `/v1/handoffs/${id}`, headers: { ...headers, prefer: "wait=1" } }),
      raw({ path: `/v1/handoffs/${id}/cancel`, headers }),
    ]);
    for (const answer of answers) expect(seen(answer)).toEqual(problem(404, "not-found"));
    const never = id.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    const unknown = await raw({ method: "GET", path: `/v1/handoffs/${never}`, headers });
    expect(JSON.stringify(unknown.json).replaceAll(never, id).replace(unknown.json.instance, "")).toBe(
      JSON.stringify(answers[0]?.json).replace(answers[0]?.json.instance, ""),
    );
    expect(await client.get(id)).toMatchObject({ status: "queued" });
  });

  it.each([
    "ho_",
    "1",
    "HO_0001JD9X5T2M7Q4RZK8WVNB3CY",
    "ho_ZZ01JD9X5T2M7Q4RZK8WVNB3CY",
    "%00",
    "..%2f..%2flivez",
    "ho_1%0d%0ax:y",
    "x".repeat(99),
  ])("finds nothing under the id %s", async (id) => {
    const { raw } = await startIntake();
    expect(seen(await raw({ method: "GET", path: `/v1/handoffs/${id}` }))).toEqual(problem(404, "not-found"));
    expect(seen(await raw({ path: `/v1/handoffs/${id}/cancel` }))).toEqual(problem(404, "not-found"));
  });
});

describe("how not to ask", () => {
  it.each([
    { method: "PUT", path: "/v1/handoffs", allow: "GET, HEAD, POST" },
    { method: "DELETE", path: "/v1/handoffs/ho_0001JD9X5T2M7Q4RZK8WVNB3CY", allow: "GET, HEAD" },
    { method: "PATCH", path: "/v1/handoffs/batch", allow: "POST" },
    { method: "GET", path: "/v1/handoffs/ho_0001JD9X5T2M7Q4RZK8WVNB3CY/cancel", allow: "POST" },
  ])("$method $path is not allowed, and the answer says what is", async ({ method, path, allow }) => {
    const { raw } = await startIntake();
    const answer = await raw({ method, path });
    expect(seen(answer)).toEqual(problem(405, "method-not-allowed"));
    expect(answer.headers.get("allow")).toBe(allow);
  });

  it.each(["/", "/v1", "/v2/handoffs", "/v1/handoffs/", "/v1/handoffs/a/b/c", "/v1/handoff"])(
    "there is nothing under %s",
    async (path) => {
      const { raw } = await startIntake();
      expect(seen(await raw({ path, body: BODY }))).toEqual(problem(404, "not-found"));
    },
  );

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/xml",
    "application/jsonx",
    "nonsense",
    "",
  ])("the media type %j is not supported", async (type) => {
    const { raw, accepted, logLines } = await startIntake();
    expect(seen(await raw({ body: BODY, headers: { "content-type": type } }))).toEqual(
      problem(415, "unsupported-media-type"),
    );
    expect(await accepted()).toEqual([]);
    expect(logLines.join()).not.toMatch(/Müller|4711/);
  });

  it.each(["application/json", "application/json; charset=utf-8", "Application/JSON"])(
    "the media type %s is supported",
    async (type) => {
      const { raw } = await startIntake();
      expect(await raw({ body: BODY, headers: { "content-type": type } })).toMatchObject({
        status: 202,
        json: { status: "queued" },
      });
    },
  );
});

describe("how much is too much", () => {
  const bodyOf = (bytes: number) => JSON.stringify({ ...BODY, context: { note: "4711".repeat(bytes / 4) } });

  it.each([
    { what: "65 KiB", body: bodyOf(65 * 1_024) },
    { what: "1 MB", body: bodyOf(1_000_000) },
    { what: "1 MB of no JSON", body: "4711".repeat(250_000) },
    { what: "8 MB", body: bodyOf(8_000_000) },
  ])("a body of $what is too large", async ({ body }) => {
    const { raw, accepted, logLines } = await startIntake();
    expect(seen(await raw({ body }))).toEqual(problem(413, "too-large"));
    expect(await accepted()).toEqual([]);
    expect(logLines.join()).not.toContain("4711");
  });

  it("a batch may be larger, up to 2 MiB", async () => {
    const { raw, accepted } = await startIntake();
    const handoffs = Array.from({ length: 60 }, () => ({ ...BODY, context: { note: "x".repeat(32_000) } }));
    const fits = await raw({ path: "/v1/handoffs/batch", body: { handoffs } });
    expect(fits.json.results.map(({ status }: { status: number }) => status)).toEqual(Array(60).fill(202));
    const tooLarge = await raw({ path: "/v1/handoffs/batch", body: { handoffs: [...handoffs, ...handoffs] } });
    expect(seen(tooLarge)).toEqual(problem(413, "too-large"));
    expect(await accepted()).toHaveLength(50);
  });
});

it("every request leaves one line in the log, with nothing of the caller's in it", async () => {
  const { raw, logLines } = await startIntake();
  await raw({ body: BODY });
  await raw({ body: { ...BODY, contactId: "Müller" } });
  await raw({ body: "{" });
  await raw({ method: "GET", path: "/v1/handoffs/4711?q=4711" });
  await raw({ method: "GET", path: "/4711?q=4711", headers: { "x-note": "4711" } });
  const lines = () => logLines.map((line) => JSON.parse(line)).filter(({ level }) => level !== "debug");
  // A line is written once its answer has left, so the last one may be about to come.
  await expect
    .poll(() => lines().map(({ msg, route, status }) => ({ msg, route, status })))
    .toEqual([
      { msg: "request", route: "/v1/handoffs", status: 202 },
      { msg: "request", route: "/v1/handoffs", status: 422 },
      { msg: "request", route: "/v1/handoffs", status: 400 },
      { msg: "request", route: "/v1/handoffs/:id", status: 404 },
      { msg: "request", route: "unmatched", status: 404 },
    ]);
  expect(logLines.join()).not.toMatch(/Müller|4711|100000000001/);
});
