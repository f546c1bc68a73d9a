/** The page of both APIs, written from their OpenAPI documents. */

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly description?: string; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

/** OpenApiDocument is what the page shows of one. */
export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, { readonly description: string }>>;
  };
}

/** renderApi writes one API as Markdown; `id` keeps its anchors apart from the other's. */
export function renderApi(id: string, { info, tags, paths, components }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, ...operation })),
  );
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter((operation) => operation.tags.includes(name));
    return [`### ${name}`, wrap(description), ...own.map((operation) => renderOperation(id, operation))].join("\n\n");
  });
  const opened = Object.entries(components.securitySchemes).map(
    ([name, scheme]) => `- *${name}*: ${scheme.description}`,
  );
  const objects = Object.entries(components.schemas).map(([name, schema]) => renderObject(id, name, schema));
  return [
    `## ${info.title}`,
    wrap(info.description.replaceAll("](/docs/problems)", "](problems.md)")),
    `What opens it:\n\n${opened.join("\n")}`,
    ...sections,
    `### Objects of ${info.title}`,
    ...objects,
  ].join("\n\n");
}

function renderOperation(id: string, operation: Operation & { readonly route: string }): string {
  const opened = (operation.security ?? []).flatMap((scheme) => Object.keys(scheme)).join(" or ");
  const parameters = (operation.parameters ?? []).map(({ in: place, name, required, description, schema }) => [
    `\`${name}\``,
    place,
    `${typeOf(id, schema)}${required === true ? ", required" : ""}`,
    description ?? schema.description ?? "",
  ]);
  const body = operation.requestBody;
  const answers = Object.entries(operation.responses);
  const taken = answers.filter(([status]) => Number(status) < 400);
  const refusals = answers.filter(([status]) => Number(status) >= 400).flatMap(([, answer]) => problemsOf(answer));
  return [
    `#### \`${operation.route}\``,
    wrap(`${operation.summary}.${opened === "" ? "" : ` Opened by ${opened}.`} ${operation.description ?? ""}`),
    ...(parameters.length === 0 ? [] : [table([["parameter", "in", "type", "meaning"], ...parameters])]),
    ...(body === undefined ? [] : [wrap(`Body: ${bodyOf(id, body.content)}. ${body.description ?? ""}`)]),
    table([["answer", "meaning", "body"], ...taken.map(([status, answer]) => answerRow(id, status, answer))]),
    ...(refusals.length === 0 ? [] : [wrap(`Refusals: ${refusals.join(", ")}.`)]),
  ].join("\n\n");
}

type Answer = Operation["responses"][string];

function answerRow(id: string, status: string, { description, content }: Answer): readonly string[] {
  const bodies = Object.values(content ?? {}).flatMap(({ schema }) => (schema === undefined ? [] : typeOf(id, schema)));
  return [status, description, bodies.join(" or ")];
}

/** problemsOf gives the problems of an answer, each with a link to what it means. */
function problemsOf({ description }: Answer): readonly string[] {
  return [...description.matchAll(/^`([a-z-]+)`:/gm)].map(([, slug]) => `[\`${slug}\`](problems.md#${slug})`);
}

function bodyOf(id: string, content: Content): string {
  return Object.entries(content)
    .map(([type, { schema }]) => (schema === undefined ? type : `${typeOf(id, schema)} as \`${type}\``))
    .join(" or ");
}

function renderObject(id: string, name: string, schema: Schema): string {
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {}).map(([property, own]) => [
    `\`${property}\``,
    typeOf(id, own),
    required.has(property) ? "always" : "",
    [own.description ?? "", own.default === undefined ? "" : `Unless said: \`${JSON.stringify(own.default)}\`.`]
      .filter(Boolean)
      .join(" "),
  ]);
  return [
    `#### <a id="${anchorOf(id, name)}"></a>${name}`,
    ...(schema.description === undefined ? [] : [wrap(schema.description)]),
    rows.length === 0 ? wrap(`${typeOf(id, schema)}.`) : table([["member", "type", "", "meaning"], ...rows]),
  ].join("\n\n");
}

/** typeOf says in a few words what a value is. */
function typeOf(id: string, schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    return `[${name}](#${anchorOf(id, name)})`;
  }
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(" or ");
  if (schema.anyOf !== undefined) return schema.anyOf.map((one) => typeOf(id, one)).join(" or ");
  if (schema.type === "array") return `list of ${schema.items === undefined ? "values" : typeOf(id, schema.items)}`;
  const name = schema.format ?? [schema.type ?? "any"].flat().join(" or ");
  const bounds = [schema.minimum, schema.maximum];
  // JSON Schema says the largest whole number that a double holds where there is no bound.
  const [least, most] = bounds.map((bound) => (Math.abs(bound ?? Infinity) >= Number.MAX_SAFE_INTEGER ? "" : bound));
  if (least !== "" && most !== "") return `${name}, ${least} to ${most}`;
  if (least !== "") return `${name}, from ${least}`;
  return most === "" ? name : `${name}, up to ${most}`;
}

function anchorOf(id: string, name: string): string {
  return `${id}-${name}`.toLowerCase();
}

/** wrap breaks the lines of each paragraph where the lint wants them to end. */
function wrap(text: string): string {
  return text
    .trim()
    .split("\n\n")
    .map((paragraph) =>
      paragraph
        .replaceAll(/\s+/g, " ")
        .replaceAll(/(.{1,120})(?: |$)/g, "$1\n")
        .trim(),
    )
    .join("\n\n");
}

/** table is Markdown's: a bar or a line's end within a cell would end it. */
function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")).join(" | ")} |`;
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}
