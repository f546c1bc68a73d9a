import { expect, it } from "vitest";
import { isRedisUnavailable, parseRedisUrl } from "./connection.ts";

const node = (host: string, port = 6379) => ({ host, port });

it.each([
  ["redis://localhost", { kind: "single", node: node("localhost"), login: {} }],
  ["redis://127.0.0.1:7000", { kind: "single", node: node("127.0.0.1", 7000), login: {} }],
  ["redis://127.0.0.1:7000/", { kind: "single", node: node("127.0.0.1", 7000), login: {} }],
  ["redis://127.0.0.1/3", { kind: "single", node: node("127.0.0.1"), login: { db: 3 } }],
  ["redis://[::1]:7000", { kind: "single", node: node("::1", 7000), login: {} }],
  ["redis://:secret@h", { kind: "single", node: node("h"), login: { password: "secret" } }],
  [
    "redis://user:p%40ss%2Fw%3Ard@h",
    { kind: "single", node: node("h"), login: { username: "user", password: "p@ss/w:rd" } },
  ],
  ["rediss://h:1", { kind: "single", node: node("h", 1), login: { tls: {} } }],
  ["redis://h?tls", { kind: "single", node: node("h"), login: { tls: {} } }],
  ["redis+cluster://a:1,b:2,c", { kind: "cluster", nodes: [node("a", 1), node("b", 2), node("c")], login: {} }],
  [
    "redis+cluster://u:p@a:1,[fd00::2]:2?tls",
    { kind: "cluster", nodes: [node("a", 1), node("fd00::2", 2)], login: { username: "u", password: "p", tls: {} } },
  ],
  [
    "redis+sentinel://a:1,b/mymaster",
    { kind: "sentinel", nodes: [node("a", 1), node("b")], master: "mymaster", login: {} },
  ],
  [
    "redis+sentinel://:p@a:1/m?tls",
    { kind: "sentinel", nodes: [node("a", 1)], master: "m", login: { password: "p", tls: {} } },
  ],
])("reads %s", (url, target) => {
  expect(parseRedisUrl(url)).toEqual(target);
});

it.each([
  "",
  "localhost:6379",
  "http://localhost",
  "redis:localhost",
  "redis://",
  "redis://:secret@",
  "redis://:secret@h:port",
  "redis://:secret@h:99999",
  "redis://:secret@h:0",
  "redis://:secret@ h",
  "redis://:sec@secret@h",
  "redis://:sec/secret@h",
  "redis://:secret@::1",
  "redis://:secret@a,b",
  "redis://:secret@h/name",
  "redis://:secret@h/0/1",
  "redis://:secret@h?tls=no",
  "redis://:secret@h?TLS",
  "redis://:%zzsecret@h",
  "redis+sentinel://:secret@h",
  "redis+cluster://:secret@a,,b",
  "redis+cluster://:secret@a/2",
])("refuses %s and never repeats its password", (url) => {
  const refusal = (() => {
    try {
      return JSON.stringify(parseRedisUrl(url));
    } catch (error) {
      return error;
    }
  })();
  expect(refusal).toBeInstanceOf(Error);
  expect(String(refusal)).not.toContain("secret");
});

it.each([
  ["redis://:p@ss@h", "in a password @ is written %40, and / %2F"],
  ["redis://:p/ss@h", "in a password @ is written %40, and / %2F"],
  ["redis://:100%@h", "write it %25"],
])("says of %s how to write what has a meaning of its own in an address", (url, remedy) => {
  expect(() => parseRedisUrl(url)).toThrow(remedy);
});

it.each([
  new Error("Socket timeout. Expecting data, but didn't receive any in 5000ms."),
  new Error("Cluster isn't ready and enableOfflineQueue options is false"),
  new Error("Cluster is disconnecting."),
  new Error("None of startup nodes is available"),
  new Error("MOVED 3999 127.0.0.1:6381"),
  new Error("Script attempted to access a non local key in a cluster node script: 8b9, on @user_script:1."),
])("takes %s for an outage too, as a cluster has them while it fails over", (error) => {
  expect(isRedisUnavailable(error)).toBe(true);
});

it.each([
  "Command timed out",
  "Connection is closed.",
  "Stream isn't writeable and enableOfflineQueue options is false",
  "Too many Cluster redirections. Last error: Error: CLUSTERDOWN",
  "CLUSTERDOWN The cluster is down",
  "LOADING Redis is loading the dataset in memory",
  "READONLY You can't write against a read only replica.",
  "OOM command not allowed when used memory > 'maxmemory'.",
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
  "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
  "connect ECONNREFUSED 127.0.0.1:1",
])("takes %j for a Redis that cannot be had now", (message) => {
  const error = message.includes("ECONNREFUSED")
    ? Object.assign(new Error(message), { code: "ECONNREFUSED" })
    : new Error(message);
  expect(isRedisUnavailable(error)).toBe(true);
});

it.each([
  new Error("WRONGTYPE Operation against a key holding the wrong kind of value"),
  new Error("ERR user_script:12: attempt to index a nil value"),
  new Error("NOAUTH Authentication required."),
  new TypeError("x is not a function"),
  "Command timed out",
  undefined,
])("takes %s for a fault, which waiting does not cure", (error) => {
  expect(isRedisUnavailable(error)).toBe(false);
});
