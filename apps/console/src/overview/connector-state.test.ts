import { expect, it } from "vitest";
import type { ConnectorFigures } from "../api/answer-types.ts";
import { describeConnectorState } from "./connector-state.ts";

const NOW = Date.parse("2026-11-23T12:00:00.000Z");
const SENDS = { breaker: "closed", paused: false, waitingFor: {} } as ConnectorFigures;
const words = (change: Partial<ConnectorFigures>) => describeConnectorState({ ...SENDS, ...change }, NOW).words;

it("names a missing key before a breaker that nothing can probe without it", () => {
  expect(words({ waitingFor: { keys: 2 }, breaker: "probing" })).toBe("workers lack a sealing key");
  expect(words({ waitingFor: { breaker: 2 }, breaker: "probing" })).toBe("probing");
});

it("names a pause before all else, and says that a connector sends where nothing keeps it", () => {
  expect(words({ paused: true, waitingFor: { keys: 2 }, breaker: "open" })).toBe("paused");
  expect(words({})).toBe("sends");
});
