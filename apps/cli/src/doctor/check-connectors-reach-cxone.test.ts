import { type BatonClient, type ConnectorJson, ProblemError, type Verification } from "@baton/api";
import type { AccessCheckCode } from "@baton/domain";
import { expect, it } from "vitest";
import { checkConnectorsReachCxone } from "./check-connectors-reach-cxone.ts";
import { FAULT, passCheck } from "./check-result.ts";

type Answer = Partial<Verification> | number;

/**
 * Examines one connector for each answer that admin gives to its verification: a verification, or the status of a
 * refusal.
 */
async function examine(answers: Readonly<Record<string, Answer>>, change: Partial<ConnectorJson> = {}) {
  const asked: string[] = [];
  const client = {
    async verifyConnector(id: string) {
      asked.push(id);
      const answer = answers[id] ?? 404;
      if (typeof answer !== "number") return { ok: true, steps: [], doesNotProve: [], ...answer };
      throw new ProblemError(
        { type: "about:blank", title: "No", status: answer, detail: "so it is" },
        { status: answer },
      );
    },
  } as unknown as BatonClient;
  const connectors = Object.keys(answers).map(
    (id) => ({ id, name: "Acme", enabled: true, ...change }) as ConnectorJson,
  );
  const progress: string[] = [];
  // The overview shows those in most trouble: here, the last ones.
  const overview = { connectors: connectors.slice(-200) } as never;
  const checks = await checkConnectorsReachCxone(
    {
      kind: "seen",
      client,
      connectors,
      overview,
      causes: [],
      pauses: new Map(),
      check: passCheck("admin key", ""),
    },
    (done, of) => progress.push(`${done}/${of}`),
  );
  return { checks, asked, progress };
}

const api = (clockOffsetMs: number) => ({
  steps: [{ name: "api" as const, ok: true, detail: "", durationMs: 1, clockOffsetMs }],
});

it("reports each connector in order, and how many are done", async () => {
  const { checks, progress } = await examine(
    Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`cn_${index}`, {}])),
  );
  expect(checks.map(({ what, state }) => `${what} ${state}`)).toEqual(
    [0, 1, 2, 3, 4, 5].map((index) => `Acme (cn_${index}) good`),
  );
  expect(progress.at(-1)).toBe("6/6");
});

it("verifies those in most trouble where there are many, and says how many it did not", async () => {
  const { checks, asked } = await examine(
    Object.fromEntries(Array.from({ length: 203 }, (_, index) => [`cn_${index}`, {}])),
  );
  expect(asked).toHaveLength(200);
  expect(asked).not.toContain("cn_2");
  expect(checks.at(-1)).toMatchObject({
    what: "others",
    state: "unseen",
    detail: expect.stringContaining("3 other connectors were not verified"),
  });
});

it("finds a clock that is off CXone's by more than five seconds", async () => {
  expect((await examine({ cn_1: api(-5_000) })).checks).toHaveLength(1);
  const [, clock] = (await examine({ cn_1: api(7_000) })).checks;
  expect(clock).toMatchObject({
    state: "bad",
    detail: "CXone's clock is 7 s off admin's",
    remedy: expect.stringContaining("NTP"),
  });
});

it("does not count against a connector what this key may not look at, nor one that is disabled", async () => {
  expect((await examine({ cn_1: 403 })).checks).toMatchObject([{ state: "unseen", detail: "403 No: so it is" }]);
  const disabled = await examine({ cn_1: {} }, { enabled: false });
  expect([disabled.asked, disabled.checks]).toMatchObject([
    [],
    [{ state: "unseen", detail: expect.stringContaining("disabled") }],
  ]);
});

it("says what to do where admin cannot open a connector's credentials", async () => {
  const { checks } = await examine({ cn_1: 500, cn_2: {} });
  expect(checks).toMatchObject([{ state: "bad", remedy: expect.stringContaining("key ring") }, { state: "good" }]);
});

/** A way that ends at the token endpoint. */
const refusedToken = (code: AccessCheckCode, detail = "") => ({
  ok: false,
  steps: [{ name: "token" as const, ok: false, code, detail, durationMs: 1 }],
});

it("says that all clients fail alike where they do, whatever hosts and times they name", async () => {
  const { checks } = await examine({
    cn_1: refusedToken("client-unknown", "token endpoint na1.nice.com: HTTP 401 invalid_client"),
    cn_2: refusedToken(
      "client-unknown",
      "token endpoint eu2.nice.com: HTTP 401 invalid_client; that was a moment ago: CXone is asked again in 12 s",
    ),
  });
  expect(checks[0]).toMatchObject({
    what: "all clients",
    state: "bad",
    detail: expect.stringMatching(/^all 2 clients fail alike, at token: .*invalid_client/),
    remedy: expect.stringMatching(/^It is one cause: .*cxone\.issuer/),
    faults: ["all clients"],
  });
  expect(checks.slice(1)).toMatchObject([
    { follows: expect.arrayContaining(["all clients"]) },
    { what: "Acme (cn_2)" },
  ]);
});

it("does not send an operator to the firewall where admin lacks the key of all clients' credentials", async () => {
  const { checks } = await examine({ cn_1: refusedToken("key-missing"), cn_2: refusedToken("key-missing") });
  expect(checks[0]).toMatchObject({
    what: "all clients",
    remedy: expect.stringMatching(/^It is one cause, of Baton's own settings: .*BATON_KEYRING/),
    follows: [FAULT.adminKeys("cn_1"), FAULT.adminKeys("cn_2")],
  });
  expect(checks[0]?.remedy).not.toMatch(/firewall|BATON_EGRESS_PROXY/);
});

it("distinguishes an outage from a refusal", async () => {
  const faults = async (code: AccessCheckCode) => (await examine({ cn_1: refusedToken(code) })).checks[0]?.faults;
  for (const code of ["unreachable", "overloaded", "name-not-resolved"] as const) {
    expect(await faults(code)).toContain(FAULT.outageOf("cn_1"));
  }
  for (const code of ["client-unknown", "not-found", "host-not-allowed"] as const)
    expect(await faults(code)).toEqual([FAULT.way("cn_1")]);
});

it.each([
  ["one client alone", { cn_1: refusedToken("credentials-refused") }],
  [
    "clients that fail differently",
    { cn_1: refusedToken("client-unknown"), cn_2: refusedToken("credentials-refused") },
  ],
  [
    "some of which are well",
    { cn_1: refusedToken("credentials-refused"), cn_2: refusedToken("credentials-refused"), cn_3: {} },
  ],
])("does not say so of %s", async (_what, answers) => {
  expect((await examine(answers)).checks.map(({ what }) => what)).not.toContain("all clients");
});
