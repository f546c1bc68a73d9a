import { expect, it } from "vitest";
import { addHealthRoutes, type HealthOptions } from "./health-routes.ts";
import { createHttpServer } from "./http-server.ts";
import { createMemoryLog } from "./memory-log.ts";
import { createProcessLifecycle } from "./process-lifecycle.ts";

function setup(ready: HealthOptions["ready"]) {
  const log = createMemoryLog();
  const life = createProcessLifecycle({ log });
  const app = createHttpServer({ log });
  addHealthRoutes(app, { life, ready, metrics: async () => ({ type: TEXT_FORMAT, text: "baton_redis_up 0\n" }) });
  const get = async (url: string) => {
    const answer = await app.inject({ url });
    return { status: answer.statusCode, type: answer.headers["content-type"], body: answer.body };
  };
  return { life, log, get };
}

const TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";
const fine = async () => ({ ok: true, detail: "" });

it("is alive and ready, at level debug only", async () => {
  const { get, log } = setup(fine);
  expect(await get("/livez")).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  expect(await get("/readyz")).toMatchObject({ status: 200 });
  expect(log.lines.map((line) => line.level)).toEqual(["debug", "debug"]);
});

it("says why it is not ready", async () => {
  const { get } = setup(async () => ({ ok: false, detail: "Redis evicts keys" }));
  const answer = await get("/readyz");
  expect(answer).toMatchObject({ status: 503, type: "application/problem+json" });
  expect(JSON.parse(answer.body)).toEqual({
    type: "urn:baton:problem:not-ready",
    title: "Not ready",
    status: 503,
    detail: "Redis evicts keys",
    instance: expect.stringMatching(/^urn:baton:request:/),
  });
});

it("is alive but not ready when Redis hangs, fails, or the process is closing", async () => {
  const hanging = setup(() => new Promise(() => undefined));
  expect((await hanging.get("/readyz")).body).toContain("no answer within 500 ms");
  expect((await hanging.get("/livez")).status).toBe(200);
  const failing = setup(() => Promise.reject(new Error("connection refused")));
  expect((await failing.get("/readyz")).body).toContain("connection refused");
  const closing = setup(fine);
  closing.life.drain();
  expect((await closing.get("/readyz")).body).toContain("the process is closing");
});

it("serves metrics as Prometheus reads them", async () => {
  const { get } = setup(fine);
  expect(await get("/metrics")).toEqual({
    status: 200,
    type: TEXT_FORMAT,
    body: "baton_redis_up 0\n",
  });
});
