/** A new admin key: for whom, with which role, and until when. */
import { useForm } from "react-hook-form";
import type { CreatedAdminKey, Role } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { ActionDialog } from "../ui/action-dialog.tsx";
import { batonTimeNow } from "../ui/baton-clock.ts";
import { OptionsSelectField, TextField } from "../ui/form-fields.tsx";
import { formatBatonCommand } from "../ui/format-baton-command.ts";
import { useApiAction } from "../ui/use-api-action.ts";

const DAY_MS = 86_400_000;

const ROLES: readonly (readonly [Role, string])[] = [
  ["viewer", "viewer: looks"],
  ["operator", "operator: also replays, discards, cancels, pauses"],
  ["admin", "admin: also changes connectors and keys"],
];

/** In how many days the key expires; the empty one: not until it is revoked. */
const EXPIRY_OPTIONS: readonly (readonly [string, string])[] = [
  ["", "never: when it is revoked"],
  ["7", "in 7 days"],
  ["90", "in 90 days"],
  ["365", "in a year"],
];

interface NewAdminKey {
  readonly name: string;
  readonly role: Role;
  readonly days: string;
}

interface NewAdminKeyDialogProps {
  readonly onClose: () => void;
  readonly onCreated: (key: CreatedAdminKey) => void;
}

export function NewAdminKeyDialog({ onClose, onCreated }: NewAdminKeyDialogProps) {
  const { register, handleSubmit, formState, watch } = useForm<NewAdminKey>({
    defaultValues: { name: "", role: "operator", days: "" },
  });
  const typed = watch();
  const action = useApiAction<NewAdminKey, CreatedAdminKey>(createAdminKey, (key) => {
    onCreated(key);
    onClose();
  });
  const command = formatBatonCommand(["keys", "issue", typed.name.trim()], {
    role: typed.role,
    expires: formatExpiry(typed),
  });
  const dialog = { title: "New admin key", label: "Make the key", command, action, onClose };
  return (
    <ActionDialog {...dialog} onAct={() => void handleSubmit(action.run)()}>
      <TextField
        label="Whose"
        {...register("name", { validate: (name) => name.trim() !== "" || "Say whose key it is." })}
        error={formState.errors.name?.message}
        help="The audit shows this name."
      />
      <OptionsSelectField label="Role" options={ROLES} {...register("role")} />
      <OptionsSelectField label="Ends by itself" options={EXPIRY_OPTIONS} {...register("days")} />
    </ActionDialog>
  );
}

/** formatExpiry writes it as the command takes it: so long from now. */
function formatExpiry({ days }: NewAdminKey): string | undefined {
  return days === "" ? undefined : `${days}d`;
}

function createAdminKey({ name, role, days }: NewAdminKey): Promise<CreatedAdminKey> {
  const expiresAt = days === "" ? {} : { expiresAt: new Date(batonTimeNow() + Number(days) * DAY_MS).toISOString() };
  return writeToApi({ method: "POST", path: "/admin/v1/keys", body: { name: name.trim(), role, ...expiresAt } });
}
