/**
 * BATON_EGRESS_PROXY before a real proxy; where tinyproxy is not installed, vitest.config.ts leaves this file out and
 * says so.
 */
import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { outcomesOf, startIntake } from "./world/baton.ts";
import { runToEnd } from "./world/process.ts";
import { createProxy, PASSWORD, spellings } from "./world/proxy.ts";
import { openRecordingProxy } from "./world/recording-proxy.ts";

/** It must be written with care in an address. */
const WRONG = "planted/wr@ng=";
const DELIVERY = { backoff: { baseMs: 100, capMs: 300 }, maxAttempts: 100, attemptTimeoutMs: 2_000 } as const;

/** setup gives a Baton whose CXone is behind a recording proxy; its worker and admin are started by the test. */
async function setup(scheme: "http" | "https", delivery: { readonly maxAttempts?: number } = {}) {
  const recorder = await openRecordingProxy(scheme);
  const hosts = { BATON_ALLOWED_HOSTS: `${scheme}://localhost:*` };
  const baton = await startIntake({ delivery: { ...DELIVERY, ...delivery }, cxone: { issuer: recorder.url } }, hosts);
  recorder.leadTo(baton.simulator.port);
  const proxy = await createProxy();
  const { url: adminUrl, key: adminKey } = await baton.startAdmin({ BATON_EGRESS_PROXY: proxy.urlWith(PASSWORD) });
  const operator = createBatonClient({ adminUrl, adminKey });
  const through = (password?: string) => ({ BATON_EGRESS_PROXY: proxy.urlWith(password) });
  /** Everything that Baton ever says, to whomever. */
  const said = async (urls: readonly string[], ...answers: readonly unknown[]) => {
    const paths = urls.flatMap((url) => ["/readyz", "/livez", "/metrics"].map((path) => url + path));
    const texts = await Promise.all(paths.map(async (path) => (await fetch(path)).text()));
    return [...texts, ...baton.logLines, JSON.stringify(answers)].join("\n");
  };
  return { ...baton, recorder, proxy, operator, adminUrl, through, said };
}

function leaksOf(text: string, password: string): readonly string[] {
  return spellings(password).filter((spelling) => text.includes(spelling));
}

it("shows a proxy every request to CXone over http, and nothing else", async () => {
  const { recorder, proxy, through, startWorker, sendMany, ended, operator, connector, simulator } =
    await setup("http");
  await proxy.start();
  await startWorker(through(PASSWORD));
  for (const handoff of await sendMany(3)) expect(await ended(handoff)).toMatchObject({ status: "delivered" });
  expect(await operator.verifyConnector(connector.id, { contactId: "1" })).toMatchObject({ ok: true });
  const asked = recorder.requests.map(({ method, path }) => ({ method, target: recorder.url + path }));
  expect(byTarget(proxy.seen())).toEqual(byTarget(asked));
  // Discovery, token, the API's address and the signal, each by the worker and by verify.
  expect(simulator.tokenRequests()).toHaveLength(2);
  expect(simulator.signals()).toHaveLength(4);
  expect(asked.filter(({ target }) => target.includes("/.well-known/"))).toHaveLength(4);
});

it("shows a proxy every connection to CXone over https, by host and port alone", async () => {
  const { recorder, proxy, through, startWorker, sendMany, ended, operator, connector } = await setup("https");
  await proxy.start();
  await startWorker(through(PASSWORD));
  for (const handoff of await sendMany(3)) expect(await ended(handoff)).toMatchObject({ status: "delivered" });
  expect(await operator.verifyConnector(connector.id, { contactId: "1" })).toMatchObject({ ok: true });
  expect(recorder.requests.filter(({ path }) => path.includes("/signal"))).toHaveLength(4);
  const tunnels = proxy.seen();
  expect(new Set(tunnels.map(({ method, target }) => `${method} ${target}`))).toEqual(
    new Set([`CONNECT ${new URL(recorder.url).host}`]),
  );
  expect(tunnels).toHaveLength(recorder.connections());
});

// Over plain http only a proxy that asks for credentials with 407 can be distinguished from CXone; tinyproxy answers
// wrong ones with 401.
it.each([
  {
    what: "takes another password",
    scheme: "https",
    password: WRONG,
    detail: "the proxy refused the tunnel with HTTP 401",
  },
  {
    what: "wants one over https",
    scheme: "https",
    password: undefined,
    detail: "the proxy refused the tunnel with HTTP 407",
  },
  {
    what: "wants one over http",
    scheme: "http",
    password: undefined,
    detail: "the proxy refused its credentials with HTTP 407",
  },
] as const)(
  "finds CXone unreachable while the proxy $what, and shows no password",
  async ({ scheme, password, detail }) => {
    const { recorder, proxy, through, startWorker, send, ended, said, adminUrl, ingressUrl, operator, connector } =
      await setup(scheme, {
        maxAttempts: 2,
      });
    await proxy.start();
    // The token is in Redis when the next worker begins, so that it begins with the signal.
    const knowing = await startWorker(through(PASSWORD));
    await ended(await send());
    await knowing.life.close();
    const arrived = recorder.requests.length;
    const worker = await startWorker(through(password));
    const handoff = await ended(await send());
    expect(handoff).toMatchObject({ status: "dead", reason: "exhausted", mayHaveArrived: false });
    expect(outcomesOf(handoff)).toEqual(["unreachable", "unreachable"]);
    expect(handoff.attempts[0]?.detail).toBe(detail);
    expect(recorder.requests).toHaveLength(arrived);
    const text = await said(
      [adminUrl, ingressUrl, worker.url],
      handoff,
      await operator.deadLetters(),
      await operator.connector(connector.id),
    );
    expect(leaksOf(text, WRONG)).toEqual([]);
    expect(leaksOf(text, PASSWORD)).toEqual([]);
  },
);

it("says which step ended at the proxy when a connector is verified, and not with which password", async () => {
  const { startAdmin, through, connector, proxy, said } = await setup("https");
  await proxy.start();
  const { url, key } = await startAdmin(through(WRONG));
  const verification = await createBatonClient({ adminUrl: url, adminKey: key }).verifyConnector(connector.id, {});
  expect(verification).toMatchObject({
    ok: false,
    steps: [{ name: "discovery", ok: false, detail: expect.stringContaining("proxy") }],
  });
  expect(leaksOf(await said([url], verification), WRONG)).toEqual([]);
});

it.each(["http", "https"] as const)(
  "waits and backs off while the proxy is down, and delivers over %s once it is back",
  async (scheme) => {
    const { recorder, proxy, through, startWorker, send, ended, waitingFor, said } = await setup(scheme);
    const worker = await startWorker(through(PASSWORD));
    const first = await send();
    // Without a token nothing is attempted, and no attempt is lost.
    await waitingFor(first, "token");
    expect(recorder.requests).toEqual([]);
    await proxy.start();
    expect(await ended(first)).toMatchObject({ status: "delivered", attempts: [{ outcome: "accepted" }] });
    expect(leaksOf(await said([worker.url], first), PASSWORD)).toEqual([]);
  },
);

it("attempts again while the proxy is down and a token is there, and delivers once it is back", async () => {
  const { recorder, proxy, through, startWorker, send, ended, waitingFor } = await setup("https");
  const direct = await startWorker();
  await ended(await send());
  await direct.life.close();
  expect(proxy.seen()).toEqual([]);
  const arrived = recorder.requests.length;
  await startWorker(through(PASSWORD));
  const handoff = await send();
  await waitingFor(handoff, "retry");
  expect(recorder.requests).toHaveLength(arrived);
  await proxy.start();
  const delivered = await ended(handoff);
  expect(delivered).toMatchObject({ status: "delivered", mayHaveArrived: false, possibleDuplicate: false });
  expect(new Set(outcomesOf(delivered).slice(0, -1))).toEqual(new Set(["unreachable"]));
});

it.each([
  "https://baton:planted@proxy:3128",
  "http://baton:pl%anted@proxy:3128",
  "http://baton:planted@proxy:3128/path",
  "baton:planted@proxy",
])("does not start with a proxy written like %s, and does not repeat it", async (address) => {
  const { env } = await startIntake();
  const { code, stderr } = await runToEnd("worker", { ...env, BATON_EGRESS_PROXY: address });
  expect(code).toBe(78);
  expect(stderr).toContain("BATON_EGRESS_PROXY: expected http://[user:pass@]host:port");
  expect(stderr).not.toMatch(/pl%?anted/);
});

function byTarget(requests: readonly { readonly method: string; readonly target: string }[]): readonly string[] {
  return requests.map(({ method, target }) => `${method} ${target}`).sort();
}
