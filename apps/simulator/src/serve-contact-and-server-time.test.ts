import { expect, it } from "vitest";
import { CONTACT, KEY, startSimulatorWithClient } from "./test-client.ts";

const API = "/incontactapi/services/v30.0";

it("discovers the token endpoint, and the tenant's API once it has a token", async () => {
  await using client = await startSimulatorWithClient();
  const { url } = client.simulator;
  expect(await (await client.get("/.well-known/openid-configuration", {})).json()).toMatchObject({
    issuer: url,
    token_endpoint: `${url}/auth/token`,
  });
  const tenant = `/.well-known/cxone-configuration?tenantId=${client.simulator.deriveTenantIdFromAccessKey(KEY)}`;
  expect((await client.get(tenant, {})).status).toBe(404);
  await client.accessToken();
  expect(await (await client.get(tenant, {})).json()).toMatchObject({
    api_endpoint: url,
    private: false,
    area: "sim1",
  });
});

it("can name another API address", async () => {
  await using client = await startSimulatorWithClient();
  await client.accessToken();
  await client.sim("POST", "settings", { apiEndpoint: "https://api-na1.niceincontact.com" });
  const tenant = `/.well-known/cxone-configuration?tenantId=${client.simulator.deriveTenantIdFromAccessKey(KEY)}`;
  expect(await (await client.get(tenant)).json()).toMatchObject({ api_endpoint: "https://api-na1.niceincontact.com" });
});

it("gives the time to a client with a token", async () => {
  await using client = await startSimulatorWithClient();
  expect(await (await client.get(`${API}/server-time`)).json()).toEqual({ serverTime: expect.any(String) });
  expect((await client.get(`${API}/server-time`, { accept: "application/json" })).status).toBe(401);
});

it("does not know how to render without Accept: application/json", async () => {
  await using client = await startSimulatorWithClient();
  const response = await client.get(`${API}/server-time`, { authorization: `Bearer ${await client.accessToken()}` });
  expect(await response.text()).toBe("no known way to render");
});

it("shows a contact as it is, with every digit of its id", async () => {
  await using client = await startSimulatorWithClient();
  const id = "9007199254740993123";
  client.simulator.contact(id, "active");
  expect(await (await client.get(`${API}/contacts/${id}`)).text()).toContain(`"contactId":${id}`);
  expect((await client.get(`${API}/contacts/active?contactId=${id}`)).status).toBe(200);
  client.simulator.contact(id, "ended");
  expect(await (await client.get(`${API}/contacts/${id}`)).json()).toMatchObject({ isActive: false });
  expect((await client.get(`${API}/contacts/active?contactId=${id}`)).status).toBe(204);
  expect(await (await client.get(`${API}/contacts/${id}/state-history`)).json()).toMatchObject({
    contactStateHistory: [{ contactStateName: "Active" }, { contactStateName: "EndContact" }],
  });
  expect(await (await client.get(`${API}/contacts/${id}/hierarchy`)).json()).toMatchObject({ childContacts: [] });
});

it("shows a contact as it was when its data lag behind", async () => {
  await using client = await startSimulatorWithClient({ settings: { contactLagMs: 60_000 } });
  client.simulator.contact(CONTACT, "ended");
  expect(await (await client.get(`${API}/contacts/${CONTACT}`)).json()).toMatchObject({ isActive: true });
  expect((await client.signal(CONTACT)).status).toBe(404);
});

it("hides contacts that are unknown or another's", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.contact("1", "unknown");
  client.simulator.contact("2", "otherBusinessUnit");
  expect((await client.get(`${API}/contacts/1`)).status).toBe(404);
  expect((await client.get(`${API}/contacts/2`)).status).toBe(404);
});

it("ends a contact", async () => {
  await using client = await startSimulatorWithClient();
  const headers = { authorization: `Bearer ${await client.accessToken()}` };
  expect(
    (await fetch(`${client.simulator.url}${API}/contacts/${CONTACT}/end`, { method: "POST", headers })).status,
  ).toBe(202);
  expect((await client.signal(CONTACT)).status).toBe(404);
});
