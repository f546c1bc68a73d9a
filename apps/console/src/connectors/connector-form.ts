/** What the form of a connector holds, and the connector that it makes. */
import "./zod-without-eval.ts";
import { connectorInputSchema } from "@baton/api";
import type { FieldErrors, Resolver } from "react-hook-form";
import type { ConnectorBody } from "../api/shapes.ts";

const SECOND_MS = 1_000;

/** ConnectorForm is all text, as fields have it. */
export interface ConnectorForm {
  name: string;
  accountId: string;
  projectId: string;
  environment: string;
  businessUnit: string;
  pseudoNumbers: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  accessKeyId: string;
  accessKeySecret: string;
  deadlineSeconds: string;
  perSecond: string;
  burst: string;
}

/** EMPTY_FORM has the API's own defaults. */
export const EMPTY_FORM: ConnectorForm = {
  name: "",
  accountId: "",
  projectId: "",
  environment: "live",
  businessUnit: "",
  pseudoNumbers: "",
  issuer: "https://cxone.niceincontact.com",
  clientId: "",
  clientSecret: "",
  accessKeyId: "",
  accessKeySecret: "",
  deadlineSeconds: "60",
  perSecond: "20",
  burst: "40",
};

/** PROJECT_FIELDS are those of the first step. */
export const PROJECT_FIELDS = [
  "name",
  "accountId",
  "projectId",
  "environment",
  "businessUnit",
  "pseudoNumbers",
] as const;

/** bodyOf is the connector as the API takes it; what was left empty is left out. */
export function bodyOf(form: ConnectorForm): ConnectorBody {
  const { clientId, clientSecret, accessKeyId, accessKeySecret } = form;
  return {
    name: form.name.trim(),
    accountId: form.accountId.trim(),
    projectId: form.projectId.trim(),
    environment: form.environment.trim() || "live",
    ...(form.businessUnit.trim() === "" ? {} : { businessUnit: form.businessUnit.trim() }),
    pseudoNumbers: form.pseudoNumbers
      .split(",")
      .map((number) => number.trim())
      .filter((number) => number !== ""),
    cxone: { issuer: form.issuer.trim() },
    credentials: { clientId, clientSecret, accessKeyId, accessKeySecret },
    delivery: {
      deadlineMs: Number(form.deadlineSeconds) * SECOND_MS,
      rate: { perSecond: Number(form.perSecond), burst: Number(form.burst) },
    },
  };
}

/** Where the API's members stand in the form, where they are not called the same. */
const FIELDS: Readonly<Record<string, keyof ConnectorForm>> = { deadlineMs: "deadlineSeconds", rate: "perSecond" };

/** fieldOf gives the field that a path into the API's body is about. */
export function fieldOf(path: readonly PropertyKey[]): keyof ConnectorForm {
  const names = path.filter((part) => typeof part === "string");
  const name = names.at(-1) ?? "name";
  const field = FIELDS[name] ?? name;
  return field in EMPTY_FORM ? (field as keyof ConnectorForm) : (names[0] as keyof ConnectorForm);
}

/** resolveConnector judges the form by the API's own schema. */
export const resolveConnector: Resolver<ConnectorForm> = (form) => {
  const parsed = connectorInputSchema.safeParse(bodyOf(form));
  if (parsed.success) return { values: form, errors: {} };
  const errors: FieldErrors<ConnectorForm> = {};
  for (const { path, message } of parsed.error.issues) errors[fieldOf(path)] ??= { type: "api", message };
  return { values: {}, errors };
};
