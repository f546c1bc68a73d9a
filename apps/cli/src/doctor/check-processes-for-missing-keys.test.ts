import type { PresentProcess, ProcessRole } from "@baton/registry/process-store";
import type { SealedKind } from "@baton/vault";
import { expect, it } from "vitest";
import type { SealedByKey } from "../count-sealed-values-by-key.ts";
import { checkProcessesForMissingKeys } from "./check-processes-for-missing-keys.ts";

function process(role: ProcessRole, pid: number, keyIds: readonly string[]): PresentProcess {
  return { id: `${role} ${pid}`, role, host: "baton-1", pid, keyIds };
}

/** One thing of each connector, of a kind, under a key. */
function sealed(under: Readonly<Record<string, Partial<Record<SealedKind, readonly string[]>>>>): SealedByKey {
  return new Map(
    Object.entries(under).map(([keyId, { credentials = [], access = [], params = [], context = [] }]) => [
      keyId,
      {
        entries: {
          credentials: credentials.length,
          access: access.length,
          params: params.length,
          context: context.length,
        },
        connectors: {
          credentials: new Set(credentials),
          access: new Set(access),
          params: new Set(params),
          context: new Set(context),
        },
      },
    ]),
  );
}

const nameOf = (id: string) => (id === "cn_1" ? "Acme" : id);

it("finds nothing where every process has every key that it needs, though not every key", () => {
  const processes = [
    process("worker", 1, ["k2", "k1"]),
    process("ingress", 2, ["k2"]),
    process("admin", 3, ["k2", "k1"]),
  ];
  expect(
    checkProcessesForMissingKeys(
      processes,
      sealed({ k1: { credentials: ["cn_1"] }, k2: { context: ["cn_1"] } }),
      nameOf,
    ),
  ).toEqual([{ what: "processes' key rings", state: "good", detail: "3 rings hold every key that is needed" }]);
});

it("names the key, the worker that lacks it, and whose handoffs wait for it", () => {
  const processes = [
    process("worker", 1, ["k1", "k2"]),
    process("worker", 2, ["k1"]),
    process("admin", 3, ["k2", "k1"]),
  ];
  const [finding, ...more] = checkProcessesForMissingKeys(
    processes,
    sealed({ k2: { credentials: ["cn_1"], params: ["cn_1", "cn_2"] } }),
    nameOf,
  );
  expect(finding).toMatchObject({
    what: "key k2",
    state: "bad",
    detail: expect.stringMatching(
      /^worker \(pid 2 on baton-1\) lacks it, and it sealed 1 × credentials, 2 × handoff parameters of Acme \(cn_1\), cn_2 \(cn_2\)/,
    ),
    remedy: expect.stringContaining("behind the newest in BATON_KEYRING"),
    faults: expect.arrayContaining(["worker's keys for cn_1", "worker's keys for cn_2"]),
  });
  expect(more).toEqual([]);
});

it("finds what ingress and admin cannot open, too", () => {
  const processes = [process("ingress", 1, ["k1"]), process("admin", 2, ["k1"])];
  const found = checkProcessesForMissingKeys(
    processes,
    sealed({ k0: { context: ["cn_1"], credentials: ["cn_1"] } }),
    nameOf,
  );
  expect(found.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(/^ingress .* lacks it, and it sealed 1 × context of Acme.*desktops/),
    expect.stringMatching(/^admin .* lacks it, and it sealed 1 × credentials of Acme.*verified/),
  ]);
});

it("finds a key that is sealed with and that a worker lacks, before anything is under it", () => {
  const processes = [process("ingress", 1, ["k2", "k1"]), process("worker", 2, ["k1"]), process("worker", 3, ["k1"])];
  expect(checkProcessesForMissingKeys(processes, sealed({ k1: { credentials: ["cn_1"] } }), nameOf)).toMatchObject([
    {
      what: "key k2",
      detail:
        "ingress (pid 1 on baton-1) seals with it, and 2 workers (pid 2 on baton-1, pid 3 on baton-1) lack it: what comes next stays closed there",
    },
  ]);
});

it("says that it saw no ring where no process shows itself", () => {
  expect(checkProcessesForMissingKeys([], sealed({}), nameOf)).toMatchObject([{ state: "unseen" }]);
});
