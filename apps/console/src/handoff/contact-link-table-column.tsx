/** The column of a list of handoffs that names the contact, and leads to the handoff. */
import { Link } from "@tanstack/react-router";
import type { HandoffJson } from "../api/answer-types.ts";
import { MonoText } from "../ui/page-layout.tsx";
import type { Column } from "../ui/table.tsx";

export const CONTACT_LINK_COLUMN: Column<Pick<HandoffJson, "id" | "contactId">> = {
  id: "contact",
  title: "Contact",
  cell: ({ id, contactId }) => (
    <Link to="/handoffs/$id" params={{ id }}>
      <MonoText>{contactId}</MonoText>
    </Link>
  ),
};
