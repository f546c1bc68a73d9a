import { expect, it } from "vitest";
import { CREDENTIALS, createToken, TENANT } from "../testing/local-cxone.ts";
import { answerJson } from "../testing/servers.ts";
import { requests, setup } from "../testing/setup.ts";

it("tries discovery, the token and the API's time, and sends no signal", async () => {
  const { cxone, client, tokenResults } = await setup();
  const { steps, access } = await client.checkAccess();
  expect(steps).toMatchObject([
    { name: "discovery", ok: true, detail: `the token endpoint is ${cxone.url}/auth/token` },
    {
      name: "token",
      ok: true,
      detail: `the credentials were taken; the token lasts 3600 s, it names tenant ${TENANT}`,
    },
    { name: "api", ok: true, detail: `${cxone.url} took the token and sent its time` },
  ]);
  expect(cxone.seen.signal.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
    "GET /inContactAPI/services/v30.0/server-time",
  ]);
  expect(access).toMatchObject({ apiEndpoint: cxone.url, token: createToken(1) });
  expect(tokenResults).toEqual(["granted"]);
});

it("asks anew each time, whatever is cached", async () => {
  const { cxone, client } = await setup();
  await client.prepare();
  await client.checkAccess();
  await client.checkAccess();
  expect(requests(cxone).token).toBe(3);
});

it("stops where discovery points elsewhere, before anything is sent there", async () => {
  const { cxone, client } = await setup();
  cxone.answers.identity = (response) =>
    answerJson(response, 200, { token_endpoint: "http://169.254.169.254/auth/token" });
  expect((await client.checkAccess()).steps).toMatchObject([
    {
      name: "discovery",
      ok: false,
      code: "host-not-allowed",
      detail: "token endpoint: http://169.254.169.254 is not an allowed host",
    },
  ]);
});

it("stops at refused credentials, and repeats none of them", async () => {
  const { cxone, client, tokenResults } = await setup();
  cxone.answers.token = (response) =>
    answerJson(response, 401, { error: "invalid_client", error_description: `${CREDENTIALS.clientSecret} is wrong` });
  const { steps, access } = await client.checkAccess();
  expect(steps.map(({ name, ok }) => [name, ok])).toEqual([
    ["discovery", true],
    ["token", false],
  ]);
  expect(steps[1]?.code).toBe("client-unknown");
  expect(steps[1]?.detail).toContain("HTTP 401 invalid_client");
  expect(steps[1]?.detail).not.toContain(CREDENTIALS.clientSecret);
  expect(access).toBeUndefined();
  expect(tokenResults).toEqual(["refused"]);
});

it("stops at an API that refuses the token, and does not repeat that either", async () => {
  const { cxone, client } = await setup();
  cxone.answers.signal = (response) => answerJson(response, 403, { message: `no permission for ${createToken(1)}` });
  const [, , api] = (await client.checkAccess()).steps;
  expect(api).toMatchObject({
    name: "api",
    ok: false,
    code: "unauthorized",
    detail: "server-time: HTTP 403 no permission for [redacted]",
  });
});

it("says that a tenant has no API", async () => {
  const { cxone, client } = await setup();
  cxone.answers.api = (response) => answerJson(response, 404, { error: "not_found" });
  expect((await client.checkAccess()).steps.at(-1)).toMatchObject({
    name: "api",
    ok: false,
    code: "no-api",
    detail: "cxone-configuration: HTTP 404 not_found",
  });
});

it.each([
  [90_000, 89_000, 91_000],
  [-90_000, -91_000, -88_000],
  [0, 0, 0],
])("measures how far CXone's clock is off, such as %s ms", async (offsetMs, from, to) => {
  const { cxone, client } = await setup();
  cxone.answers.signal = (response) => {
    response.setHeader("date", new Date(Date.now() + offsetMs).toUTCString());
    answerJson(response, 200, {});
  };
  const api = (await client.checkAccess()).steps.at(-1);
  expect(api?.clockOffsetMs).toBeGreaterThanOrEqual(from);
  expect(api?.clockOffsetMs).toBeLessThanOrEqual(to);
});
