import { expect, it } from "vitest";
import {
  buildDeadLetterCountLink,
  buildDeliveredCountLink,
  buildDueAndWaitingCountLinks,
  buildQueuedCountLink,
} from "./connector-count-links.ts";

it("links a connector's counts to exactly their rows", () => {
  const figures = { id: "cn_1", queued: 1_204, deadLetters: 3 };
  expect(buildQueuedCountLink(figures)).toEqual({
    text: "1,204",
    to: "/handoffs",
    search: { connectorId: "cn_1", status: "queued" },
  });
  expect(buildDeadLetterCountLink(figures)).toEqual({
    text: "3",
    to: "/dead-letters",
    search: { tab: "list", connectorId: "cn_1" },
  });
  expect(buildDeliveredCountLink({ id: "cn_1", deliveredLastHour: 90 })).toEqual({
    text: "90",
    to: "/handoffs",
    search: { connectorId: "cn_1", status: "delivered" },
  });
});

it("tells a connector that has none from one that the overview does not show", () => {
  const none = { id: "cn_1", queued: 0, deadLetters: 0 };
  expect([buildQueuedCountLink(none), buildDeadLetterCountLink(none)]).toEqual([{ text: "0" }, { text: "0" }]);
  expect([buildQueuedCountLink(undefined), buildDeadLetterCountLink(undefined)]).toEqual([
    { text: "–" },
    { text: "–" },
  ]);
});

it("says how many are due, and what the others wait for, with links to those", () => {
  const rows = (waitingFor: string) => ({
    to: "/handoffs",
    search: { connectorId: "cn_1", status: "queued", waitingFor },
  });
  expect(
    buildDueAndWaitingCountLinks({ id: "cn_1", due: 2, waitingFor: { breaker: 72, rate: 1_204, retry: 0 } }),
  ).toEqual([{ text: "2 due" }, { text: "breaker 72", ...rows("breaker") }, { text: "rate 1,204", ...rows("rate") }]);
  expect(buildDueAndWaitingCountLinks({ id: "cn_1", due: 0, waitingFor: { pause: 1 } })).toEqual([
    { text: "pause 1", ...rows("pause") },
  ]);
  expect(buildDueAndWaitingCountLinks({ id: "cn_1", due: 0, waitingFor: {} })).toEqual([]);
});
