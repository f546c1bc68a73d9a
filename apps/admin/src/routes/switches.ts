/** The routes that pause and resume: one connector, or everything. */
import { connectorSchema, connectorToJson, pausedSchema } from "@baton/api";
import type { HttpServer } from "@baton/runtime";
import type { ChangeConnector } from "../change-connector.ts";
import type { StopEverything } from "../stop-everything.ts";
import { idParams, route } from "./document.ts";

export interface SwitchRoutes {
  readonly changeConnector: ChangeConnector;
  /** Ends what a `Retry-After` of CXone's asked a connector for, of its API and of its token endpoint. */
  readonly endWaits: (connectorId: string) => Promise<void>;
  readonly stopEverything: StopEverything;
}

const SWITCHES = [
  { name: "pause", paused: true, does: "Handoffs are still accepted, none is sent" },
  { name: "resume", paused: false, does: "What waited goes on at the connector's rate" },
] as const;

/** registerSwitches adds the routes. */
export function registerSwitches(app: HttpServer, { changeConnector, endWaits, stopEverything }: SwitchRoutes): void {
  for (const { name, paused, does } of SWITCHES) {
    const one = {
      ...route(
        {
          tag: "connectors",
          operationId: `${name}Connector`,
          summary: `${does}: one connector${paused ? "" : ", also where a Retry-After of CXone's API or token endpoint keeps it still"}`,
        },
        "not-found",
      ),
      params: idParams,
      response: { 200: connectorSchema },
    };
    app.post(`/admin/v1/connectors/:id/${name}`, { schema: one }, async (request) => {
      request.facts.connectorId = request.params.id;
      const changed = await changeConnector(request.params.id, ({ connector }) => ({ connector: { ...connector, paused } }));
      if (!paused) await endWaits(changed.id);
      return connectorToJson(changed);
    });

    const all = {
      ...route({ tag: "overview", operationId: `${name}Everything`, summary: `${does}: everything` }),
      response: { 200: pausedSchema },
    };
    app.post(`/admin/v1/${name}`, { schema: all }, async () => {
      await stopEverything(paused);
      return { paused };
    });
  }
}
