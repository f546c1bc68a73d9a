import { expect, it } from "vitest";
import { formatConnectorsApplyCliCommand } from "./connectors-apply-cli-command.ts";

const PROJECT = { accountId: "acme", projectId: "support-line", environment: "live" };

it("changes the fields of a form, known by the project", () => {
  expect(formatConnectorsApplyCliCommand(PROJECT, { name: "Ana's line", delivery: { rate: null } })).toBe(
    `printf %s '{"accountId":"acme","projectId":"support-line","environment":"live","name":"Ana'\\''s line","delivery":{"rate":null}}' | baton connectors apply -`,
  );
});

it("names variables of the environment where the form has secrets", () => {
  const command = formatConnectorsApplyCliCommand(PROJECT, { credentials: { clientSecret: "planted-secret" } });
  expect(command).toContain('"credentials":{"clientSecret":"$');
  expect(command).toContain("{CXONE_CLIENT_SECRET}");
  expect(command).not.toContain("planted-secret");
});
