export { OTHERS } from "./connector-metric-labels.ts";
export * from "./handoff-spans.ts";
export * from "./json-log.ts";
export * from "./metrics.ts";
export type { ConnectorFigures, QueueFigures } from "./queue-gauges.ts";
export * from "./tracing.ts";
