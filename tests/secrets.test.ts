import { createBatonClient } from "@baton/api";
import type { Redis } from "ioredis";
import { expect, it } from "vitest";
import { createWorld, ended } from "./world/world.ts";

const PLANTED = {
  clientSecret: "planted-client-secret",
  accessKeyId: "planted-access-key-id====",
  accessKeySecret: "planted-access-key-secret====",
  p1: "planted parameter one",
  p2: "gepflänzter Parameter zwei",
  context: "planted context",
};

/** Every CXone token begins so: `{"alg":"` in base64. Less of it turns up by chance in what is sealed. */
const JWT_BEGINS = "eyJhbGciOi";

async function setup() {
  const world = await createWorld();
  const { token } = await world.createConnector({ credentials: PLANTED });
  const locked = await world.createConnector({ credentials: { ...PLANTED, accessKeyId: "planted-wrong-key====" } });
  world.simulator.accessKey({ accessKeyId: "planted-wrong-key====", accessKeySecret: "another" });
  const ingress = await world.startIngress();
  const worker = await world.startWorker();
  const admin = await world.startAdmin();
  const answers: string[] = [];
  const client = (bearer: string) =>
    createBatonClient({ ingressUrl: ingress.url, adminUrl: admin.url, token: bearer, adminKey: admin.key });
  return {
    ...world,
    answers,
    token,
    lockedToken: locked.token,
    baton: client(token),
    lockedBaton: client(locked.token),
    urls: [ingress.url, worker.url, admin.url],
  };
}

it("leaves no secret, parameter or context in Redis, logs, metrics or answers, though CXone echoes them", async () => {
  const { baton, lockedBaton, token, lockedToken, simulator, redis, namespace, logLines, urls, answers, env } =
    await setup();
  const keep = <T>(answer: T): T => {
    answers.push(JSON.stringify(answer));
    return answer;
  };
  const body = { params: { p1: PLANTED.p1, p2: PLANTED.p2 }, context: { note: PLANTED.context } };
  simulator.answer({ on: "signal", contactId: "1", echoParams: true });
  simulator.answer({ on: "signal", contactId: "2", status: 500, echoParams: true, times: 2 });
  simulator.answer({ on: "signal", contactId: "3", status: 404, icStatusDescription: `no contact for ${PLANTED.p1}` });
  const ids = await Promise.all(
    ["1", "2", "3", "4"].map(
      async (contactId) => keep(await baton.send({ contactId, ...body }, { idempotencyKey: `key ${contactId}` })).id,
    ),
  );
  // One is looked for while it is still queued, and one fails while its token is fetched.
  ids.push(keep(await baton.send({ contactId: "5", ...body, delayMs: 60_000 })).id);
  const locked = keep(await lockedBaton.send({ contactId: "6", ...body }));
  for (const id of ids.slice(0, 4)) keep(await ended(baton, id));
  keep(await ended(lockedBaton, locked.id));
  keep(await baton.deadLetters());
  keep(await baton.causes());
  keep(await baton.connectors());
  keep(await baton.handoffs());
  const { connectorId } = locked;
  const { clientSecret, accessKeySecret } = PLANTED;
  keep(
    await baton.patchConnector(connectorId, {
      credentials: { clientSecret, accessKeySecret: `${accessKeySecret}new` },
    }),
  );
  keep(await baton.verifyConnector(connectorId, { contactId: "1", params: { p1: PLANTED.p1 } }));
  const issued = [
    await baton.createToken(connectorId),
    await baton.createScreenPopKey(connectorId),
    await baton.createAdminKey({ name: "Ana", role: "viewer" }),
  ].map((created) => created.token);
  expect(keep(await baton.audit()).items).toHaveLength(5);
  for (const url of urls) answers.push(await (await fetch(`${url}/metrics`)).text());

  const keys = [
    token,
    lockedToken,
    env.BATON_ADMIN_KEY,
    ...issued,
    ...issued.map((each) => each.split("_")[2] ?? each),
  ];
  const wanted = [JWT_BEGINS, ...[...Object.values(PLANTED), ...keys].flatMap(spellings)];
  const places = {
    redis: await everything(redis as Redis, namespace),
    logs: logLines.join("\n"),
    answers: answers.join("\n"),
  };
  for (const [place, text] of Object.entries(places)) {
    expect(text.length, `${place} holds something`).toBeGreaterThan(1_000);
    expect(
      wanted.filter((word) => text.toLowerCase().includes(word.toLowerCase())),
      place,
    ).toEqual([]);
  }
});

/** How a text may look once something has encoded it. */
function spellings(word: string): readonly string[] {
  const bytes = Buffer.from(word);
  const encodings = [
    word,
    encodeURIComponent(word),
    encodeURIComponent(word).replaceAll("%20", "+"),
    bytes.toString("hex"),
    bytes.toString("base64").replaceAll("=", ""),
  ];
  return [...new Set([...encodings, bytes.toString("base64url")])];
}

/** Every key and value of a namespace, as text. */
async function everything(redis: Redis, namespace: string): Promise<string> {
  const found: string[] = [];
  for await (const keys of redis.scanStream({ match: `{${namespace}*`, count: 1_000 })) {
    for (const key of keys as string[]) found.push(key, await readKey(redis, key));
  }
  return found.join("\n");
}

async function readKey(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case "string":
      return (await redis.get(key)) ?? "";
    case "hash":
      return JSON.stringify(await redis.hgetall(key));
    case "zset":
      return JSON.stringify(await redis.zrange(key, "0", "-1"));
    case "set":
      return JSON.stringify(await redis.smembers(key));
    case "list":
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case "stream":
      return JSON.stringify(await redis.xrange(key, "-", "+"));
    default:
      return "";
  }
}
