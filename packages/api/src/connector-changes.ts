/** A change tried out: which members of a connector it would make others. */
import { z } from "zod";
import { strictObject } from "./strict-object.ts";

/** dryRunSchema is the query of what can be tried out: `POST` and `PATCH` of connectors. */
export const dryRunSchema = strictObject({
  dryRun: z.enum(["true", "false"]).default("false").meta({
    description: "`true`: everything is checked but whether project and numbers are free, and nothing is changed.",
  }),
});

/** connectorChangesSchema is the answer to a dry run. */
export const connectorChangesSchema = z
  .object({
    changed: z.array(z.string()).meta({
      description:
        "JSON pointers to the members that would be others; none: all is as it would be. Credentials are compared, never shown: `/credentials/clientSecret` says that another one was given.",
      examples: [["/name", "/delivery/maxAttempts", "/credentials/clientSecret"]],
    }),
  })
  .meta({ id: "ConnectorChanges", description: "What would be changed. Nothing was." });
export type ConnectorChanges = z.output<typeof connectorChangesSchema>;
