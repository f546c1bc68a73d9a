import { expect, it } from "vitest";
import { type OpenApiDocument, renderApi } from "./openapi/api-page.ts";
import { createWorld } from "./world/world.ts";

it("docs/api.md says what the OpenAPI documents of both APIs say", async () => {
  const world = await createWorld();
  const [ingress, admin] = [await world.startIngress(), await world.startAdmin()];
  const documentOf = async ({ url }: { readonly url: string }) =>
    (await (await fetch(`${url}/openapi.json`)).json()) as OpenApiDocument;
  const page = `# The APIs

Both APIs, as their processes show them at \`/docs\`, and as OpenAPI 3.1 at \`/openapi.json\`. [Problems](problems.md) says
what each refusal means, and what to do. Written by \`npm test -- tests/api-page.test.ts -u\`.

${renderApi("ingress", await documentOf(ingress))}

${renderApi("admin", await documentOf(admin))}
`;
  await expect(page).toMatchFileSnapshot("../docs/api.md");
});
