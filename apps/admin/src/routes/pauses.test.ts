import { expect, it } from "vitest";
import { setup, useRedis } from "../../testing/world.ts";

useRedis();

const CONNECTORS = "/admin/v1/connectors";

it("pauses and resumes one connector, and everything, and the overview shows it", async () => {
  const { call, connect } = await setup();
  const [connector] = [await connect(), await connect()];
  const overview = async () => {
    const { paused, connectors } = (await call("GET", "/admin/v1/overview")).body;
    return [paused, ...connectors.map((row: { paused: boolean }) => row.paused)];
  };
  expect(await call("POST", `${CONNECTORS}/${connector.id}/pause`)).toMatchObject({
    status: 200,
    body: { id: connector.id, paused: true },
  });
  expect(await call("POST", "/admin/v1/pause")).toMatchObject({ status: 200, body: { paused: true } });
  expect(await overview()).toEqual([true, true, false]);
  expect(await call("POST", "/admin/v1/resume")).toMatchObject({ status: 200, body: { paused: false } });
  expect(await call("POST", `${CONNECTORS}/${connector.id}/resume`)).toMatchObject({
    status: 200,
    body: { paused: false },
  });
  expect(await overview()).toEqual([false, false, false]);
  expect((await call("POST", `${CONNECTORS}/cn_nobody/pause`)).status).toBe(404);
});

it("writes until when something was paused into the audit", async () => {
  const { client, connect } = await setup();
  const { id } = await connect();
  const until = new Date(Date.now() + 60_000).toISOString();
  await client.pauseConnector(id, { until });
  await client.pause({ until: until.replace("Z", "+00:00") });
  const { items } = await client.audit({});
  expect(items.slice(0, 2).map(({ action, about }) => [action, about])).toEqual([
    ["everything.pause", { until }],
    ["connector.pause", { until }],
  ]);
});
