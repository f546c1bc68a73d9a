import { expect, it, onTestFinished } from "vitest";
import { clientAddressOfRequest, networkPrefixOf } from "./client-address.ts";
import { createHttpServer } from "./http-server.ts";
import { createMemoryLog } from "./memory-log.ts";

async function askedFrom(trustedProxies: readonly string[], forwarded?: string): Promise<string> {
  const app = createHttpServer({ log: createMemoryLog(), trustedProxies });
  onTestFinished(() => app.close());
  app.get("/", async (request) => ({ address: clientAddressOfRequest(request) }));
  const { body } = await app.inject({
    url: "/",
    remoteAddress: "::ffff:10.0.0.2",
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  });
  return JSON.parse(body).address;
}

it.each([
  [[], undefined, "10.0.0.2"],
  [[], "203.0.113.7", "10.0.0.2"],
  [["10.0.0.0/8"], "203.0.113.7", "203.0.113.7"],
  [["10.0.0.0/8"], "198.51.100.9, 203.0.113.7", "203.0.113.7"],
  [["10.0.0.0/8"], "203.0.113.7, 10.0.0.9", "203.0.113.7"],
  [["10.0.0.0/8"], "2001:db8::1", "2001:db8::1"],
  [["10.0.0.0/8"], "<script>", "10.0.0.2"],
])("behind proxies %j, sent %o, the client is %s", async (proxies, forwarded, expected) => {
  expect(await askedFrom(proxies, forwarded)).toBe(expected);
});

it.each([
  ["203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8:1:2::6", "2001:db8:1:2"],
  ["2001:db8::6", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  ["", ""],
])("takes %s for one of %s", (address, network) => {
  expect(networkPrefixOf(address)).toBe(network);
});
