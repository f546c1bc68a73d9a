/** What the form of a new connector holds, and the connector that it makes. */
import "./zod-without-eval.ts";
import { connectorInputSchema } from "@baton/api";
import type { FieldErrors, Resolver } from "react-hook-form";
import type { ConnectorBody } from "../api/answer-types.ts";

const SECOND_MS = 1_000;

/** NewConnectorForm is all text, as fields have it. */
export interface NewConnectorForm {
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
export const EMPTY_FORM: NewConnectorForm = {
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

/** toConnectorBody gives the connector as the API takes it; what was left empty is left out. */
export function toConnectorBody(form: NewConnectorForm): ConnectorBody {
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
const FIELD_OF_MEMBER: Readonly<Record<string, keyof NewConnectorForm>> = {
  deadlineMs: "deadlineSeconds",
  rate: "perSecond",
};

/** formFieldForPath gives the field that a path into the API's body is about. */
export function formFieldForPath(path: readonly PropertyKey[]): keyof NewConnectorForm {
  const names = path.filter((part) => typeof part === "string");
  const name = names.at(-1) ?? "name";
  const field = FIELD_OF_MEMBER[name] ?? name;
  return field in EMPTY_FORM ? (field as keyof NewConnectorForm) : (names[0] as keyof NewConnectorForm);
}

/** newConnectorResolver judges the form by the API's own schema. */
export const newConnectorResolver: Resolver<NewConnectorForm> = (form) => {
  const parsed = connectorInputSchema.safeParse(toConnectorBody(form));
  if (parsed.success) return { values: form, errors: {} };
  const errors: FieldErrors<NewConnectorForm> = {};
  for (const { path, message } of parsed.error.issues) errors[formFieldForPath(path)] ??= { type: "api", message };
  return { values: {}, errors };
};
