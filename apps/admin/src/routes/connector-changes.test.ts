import { createVault, generateKeyringEntry, parseKeyring } from "@baton/vault";
import { expect, it } from "vitest";
import { type Answer, connectorBody, setup as createWorld, PLANTED, useRedis } from "../../testing/world.ts";

useRedis();

const CONNECTORS = "/admin/v1/connectors";

async function setup(env: Record<string, string> = {}) {
  const world = await createWorld(env);
  const { call, connect, redis, namespace } = world;
  const pathOf = ({ id }: { id: string }) => `${CONNECTORS}/${id}`;
  return {
    ...world,
    pathOf,
    patch: (connector: { id: string }, body: unknown) => call("PATCH", pathOf(connector), body),
    registryVersion: async () => Number(await redis.hget(`{${namespace}}:meta`, "version")),
    connect,
  };
}

const refusal = ({ status, body }: Answer) => [
  status,
  body.type,
  body.errors?.map(({ pointer }: { pointer: string }) => pointer),
];
const refused = (status: number, code: string, pointers?: readonly string[]) => [
  status,
  `urn:baton:problem:${code}`,
  pointers,
];

it("replaces the members given and no others, with a version that every process sees", async () => {
  const { call, connect, connectors, patch, pathOf, registryVersion } = await setup();
  const connector = await connect({ pseudoNumbers: ["100"], delivery: { maxAttempts: 7 } });
  const before = await call("GET", pathOf(connector));
  const version = await registryVersion();
  const answer = await patch(connector, {
    name: "Renamed",
    enabled: false,
    delivery: { deadlineMs: 5_000 },
    pseudoNumbers: ["200"],
  });
  const { delivery } = before.body;
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.body).toEqual({
    ...before.body,
    name: "Renamed",
    enabled: false,
    pseudoNumbers: ["200"],
    delivery: { ...delivery, deadlineMs: 5_000 },
  });
  expect((await call("GET", pathOf(connector))).body).toEqual(answer.body);
  expect((await connectors.read(connector.id))?.connector.version).toBeGreaterThan(connector.version);
  expect(await registryVersion()).toBeGreaterThan(version);
  expect(await connect({ pseudoNumbers: ["100"] })).toBeDefined();
});

it.each([
  ["http://169.254.169.254/latest"],
  ["https://169.254.169.254"],
  ["https://localhost"],
  ["http://localhost:8090"],
  ["https://127.0.0.1"],
  ["https://[::1]"],
  ["https://evilniceincontact.com"],
  ["https://niceincontact.com.evil.example"],
  ["https://cxone.niceincontact.com:8443"],
  ["http://cxone.niceincontact.com"],
  ["https://user:pass@cxone.niceincontact.com"],
  ["https://cxone.niceincontact.com@evil.example"],
  ["https://cxone.niceincontact.com/?next=x"],
  ["ftp://cxone.niceincontact.com"],
  ["cxone.niceincontact.com"],
])(
  "refuses %s as issuer and as API, in a new connector and in a change, and repeats no credentials of it",
  async (url) => {
    const { call, connect, patch } = await setup();
    const connector = await connect();
    for (const name of ["issuer", "apiEndpoint"]) {
      const created = await call("POST", CONNECTORS, connectorBody({ projectId: "other", cxone: { [name]: url } }));
      const patched = await patch(connector, { cxone: { [name]: url } });
      expect([refusal(created), refusal(patched)]).toEqual(
        Array(2).fill(refused(422, "invalid-connector", [`/cxone/${name}`])),
      );
      expect(created.text + patched.text).not.toContain("user:pass");
    }
  },
);

it.each([
  [{ id: "cn_x" }, ["/id"]],
  [{ name: null }, ["/name"]],
  [{ cxone: { apiVersion: "30" }, contactIdHeader: "no header" }, ["/contactIdHeader", "/cxone/apiVersion"]],
  [{ pseudoNumbers: ["100", "1-00"] }, ["/pseudoNumbers"]],
  [{ delivery: { rate: { perSecond: 0 } } }, ["/delivery/rate/perSecond"]],
  [{ credentials: { clientSecret: "set" } }, ["/credentials/clientSecret"]],
  [[], [""]],
])("refuses the change %j, points at it, and changes nothing", async (body, pointers) => {
  const { call, connect, patch, pathOf, registryVersion } = await setup();
  const connector = await connect();
  const [before, version] = [await call("GET", pathOf(connector)), await registryVersion()];
  const answer = await patch(connector, body);
  expect(refusal(answer)).toEqual(
    refused(422, "invalid-connector", expect.arrayContaining(pointers) as unknown as string[]),
  );
  expect((await call("GET", pathOf(connector))).body).toEqual(before.body);
  expect(await registryVersion()).toBe(version);
});

it("gives a project and a number to one of two who change to it at the same moment", async () => {
  const { connect, patch } = await setup();
  const two = [await connect(), await connect()];
  const byNumber = await Promise.all(two.map((connector) => patch(connector, { pseudoNumbers: ["+1 (555) 0100"] })));
  expect(byNumber.map(refusal).sort()).toEqual([
    [200, undefined, undefined],
    refused(409, "number-taken", ["/pseudoNumbers/0"]),
  ]);
  const byProject = await Promise.all(two.map((connector) => patch(connector, { projectId: "wanted" })));
  expect(byProject.map(refusal).sort()).toEqual([[200, undefined, undefined], refused(409, "project-taken")]);
});

it("loses no change of two that come at the same moment", async () => {
  const { call, connect, patch, pathOf } = await setup();
  const connector = await connect();
  const patches = [
    { name: "Both" },
    { businessUnit: "42" },
    { delivery: { maxAttempts: 4 } },
    { delivery: { deadlineMs: 2_000 } },
  ];
  const answers = await Promise.all(patches.map((body) => patch(connector, body)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await call("GET", pathOf(connector))).body).toMatchObject({
    name: "Both",
    businessUnit: "42",
    delivery: { maxAttempts: 4, deadlineMs: 2_000 },
  });
});

it("takes some new credentials beside those there are, and shows none", async () => {
  const { connect, connectors, patch, log, redis, namespace } = await setup();
  const connector = await connect();
  const before = await connectors.read(connector.id);
  const answer = await patch(connector, { credentials: { clientSecret: "planted-new-secret" } });
  expect(answer.body.credentials).toEqual({
    clientId: "set",
    clientSecret: "set",
    accessKeyId: "set",
    accessKeySecret: "set",
  });
  const after = await connectors.read(connector.id);
  expect(after?.credentials).not.toBe(before?.credentials);
  expect(after?.credentialsVersion).toBe(after?.connector.version);
  expect(after?.credentialsVersion).toBeGreaterThan(connector.version);
  const kept = await redis.get(`{${namespace}}:cn:${connector.id}`);
  for (const secret of [...Object.values(PLANTED), "planted-new-secret"])
    expect(`${answer.text}${kept}${JSON.stringify(log.lines)}`).not.toContain(secret);
});

it("deletes a connector with all that was its own, and only once nothing of it is pending", async () => {
  const { call, connect, accept, begin, handoffs, connectors, pathOf } = await setup();
  const connector = await connect({ pseudoNumbers: ["100"] });
  const issued = await call("POST", `${pathOf(connector)}/tokens`);
  const stored = await accept(connector);
  expect(refusal(await call("DELETE", pathOf(connector)))).toEqual(refused(409, "handoffs-pending"));
  await begin(connector, stored);
  expect(refusal(await call("DELETE", pathOf(connector)))).toEqual(refused(409, "handoffs-pending"));
  const other = await connect();
  await handoffs.cancel((await accept(other)).handoff.id);
  expect((await call("DELETE", pathOf(other))).status).toBe(204);
  expect((await call("GET", pathOf(other))).status).toBe(404);
  expect((await call("DELETE", pathOf(other))).status).toBe(404);
  expect(await connectors.token(issued.body.id)).toBeDefined();
  await expect(accept(other)).rejects.toThrow("closed");
});

it("keeps a deleted connector's dead letters, to be read and discarded but not replayed", async () => {
  const { call, connect, die, pathOf } = await setup();
  const connector = await connect();
  const id = await die(connector);
  expect((await call("DELETE", pathOf(connector))).status).toBe(204);
  expect((await call("GET", "/admin/v1/dead-letters")).body.items).toMatchObject([{ id }]);
  const replayed = await call("POST", `/admin/v1/dead-letters/${id}/replay`, {});
  expect([replayed.status, replayed.body.detail]).toEqual([404, `there is no connector ${connector.id}`]);
  expect((await call("POST", `/admin/v1/dead-letters/${id}/discard`)).body.status).toBe("discarded");
});

it("changes nothing by a change that makes nothing another, credentials among it", async () => {
  const { call, connect, connectors, patch, pathOf, registryVersion } = await setup();
  const connector = await connect();
  const [before, version] = [await connectors.read(connector.id), await registryVersion()];
  const shown = (await call("GET", pathOf(connector))).body;
  const { id: _, createdAt: __, credentials: ___, ...members } = shown;
  for (const body of [
    {},
    { ...members, credentials: PLANTED },
    { credentials: { clientSecret: PLANTED.clientSecret } },
    { businessUnit: null },
  ])
    expect(await patch(connector, body)).toMatchObject({ status: 200, body: shown });
  expect((await call("POST", `${pathOf(connector)}/resume`)).status).toBe(200);
  expect(await connectors.read(connector.id)).toEqual(before);
  expect(await registryVersion()).toBe(version);
  expect(await patch(connector, { credentials: { ...PLANTED, accessKeyId: "another" } })).toMatchObject({
    status: 200,
    body: shown,
  });
  expect((await connectors.read(connector.id))?.credentialsVersion).toBeGreaterThan(connector.version);
});

it("tries a change out: says what it would change, and changes nothing", async () => {
  const { client, connect, connectors, registryVersion } = await setup();
  const connector = await connect({ pseudoNumbers: ["100"] });
  const [before, version] = [await connectors.read(connector.id), await registryVersion()];
  const patch = {
    name: connector.name,
    pseudoNumbers: ["100", "200"],
    cxone: { tenantId: "t-1" },
    delivery: { rate: null, deadlineMs: connector.delivery.deadlineMs },
    credentials: { ...PLANTED, clientSecret: "another", accessKeySecret: `${PLANTED.accessKeySecret}x` },
  };
  const { changed } = await client.previewPatch(connector.id, patch);
  expect([...changed].sort()).toEqual([
    "/credentials/accessKeySecret",
    "/credentials/clientSecret",
    "/cxone/tenantId",
    "/delivery/rate",
    "/pseudoNumbers",
  ]);
  expect(await client.previewPatch(connector.id, { credentials: PLANTED })).toEqual({ changed: [] });
  await expect(client.previewPatch(connector.id, { cxone: { issuer: "https://localhost" } })).rejects.toMatchObject({
    status: 422,
  });
  await expect(client.previewPatch("cn_nobody", {})).rejects.toMatchObject({ status: 404 });
  expect(await connectors.read(connector.id)).toEqual(before);
  expect(await registryVersion()).toBe(version);
});

it("tries out whether a connector could be created, and creates none", async () => {
  const { call, client } = await setup();
  const { changed } = await client.previewConnector(connectorBody({ pseudoNumbers: ["100"] }));
  expect(changed).toEqual(
    expect.arrayContaining(["/name", "/projectId", "/pseudoNumbers", "/credentials/clientSecret"]),
  );
  const refusedOne = await call(
    "POST",
    `${CONNECTORS}?dryRun=true`,
    connectorBody({ cxone: { issuer: "https://localhost" } }),
  );
  expect(refusal(refusedOne)).toEqual(refused(422, "invalid-connector", ["/cxone/issuer"]));
  expect((await call("POST", `${CONNECTORS}?dryRun=maybe`, connectorBody())).status).toBe(400);
  expect((await client.connectors()).items).toEqual([]);
});

it("replaces credentials that the key ring no longer opens, once all four are given", async () => {
  const { connect, connectors, patch } = await setup();
  const connector = await connect();
  const stored = await connectors.read(connector.id);
  if (stored === undefined) throw expect.unreachable("not there");
  const foreign = createVault(parseKeyring(generateKeyringEntry()));
  const binding = { connectorId: connector.id, record: connector.id, field: "credentials" };
  const sealed = foreign.seal(JSON.stringify(PLANTED), binding).toString("base64url");
  const after = { connector: { ...stored.connector, version: 2 }, credentials: sealed };
  expect(await connectors.change(stored, after)).toEqual({ kind: "changed" });
  expect((await patch(connector, { credentials: PLANTED })).status).toBe(200);
  expect((await connectors.read(connector.id))?.credentialsVersion).toBeGreaterThan(after.connector.version);
});
