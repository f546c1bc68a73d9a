/** A new admin key: for whom, with which role, and until when. */
import { useForm } from "react-hook-form";
import { write } from "../api/request.ts";
import type { CreatedAdminKey, Role } from "../api/shapes.ts";
import { ActionDialog } from "../ui/action-dialog.tsx";
import { currentTime } from "../ui/clock.ts";
import { commandOf } from "../ui/command.ts";
import { OptionsField, TextField } from "../ui/field.tsx";
import { useAction } from "../ui/use-action.ts";

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

interface NewKey {
  readonly name: string;
  readonly role: Role;
  readonly days: string;
}

interface NewKeyDialogProps {
  readonly onClose: () => void;
  readonly onCreated: (key: CreatedAdminKey) => void;
}

export function NewKeyDialog({ onClose, onCreated }: NewKeyDialogProps) {
  const { register, handleSubmit, formState, watch } = useForm<NewKey>({
    defaultValues: { name: "", role: "operator", days: "" },
  });
  const typed = watch();
  const action = useAction<NewKey, CreatedAdminKey>(create, (key) => {
    onCreated(key);
    onClose();
  });
  const command = commandOf(["keys", "issue", typed.name.trim()], { role: typed.role, expires: expiryOf(typed) });
  const dialog = { title: "New admin key", label: "Make the key", command, action, onClose };
  return (
    <ActionDialog {...dialog} onAct={() => void handleSubmit(action.run)()}>
      <TextField
        label="Whose"
        {...register("name", { validate: (name) => name.trim() !== "" || "Say whose key it is." })}
        error={formState.errors.name?.message}
        help="The audit shows this name."
      />
      <OptionsField label="Role" options={ROLES} {...register("role")} />
      <OptionsField label="Ends by itself" options={EXPIRY_OPTIONS} {...register("days")} />
    </ActionDialog>
  );
}

/** expiryOf as the command takes it: so long from now. */
function expiryOf({ days }: NewKey): string | undefined {
  return days === "" ? undefined : `${days}d`;
}

function create({ name, role, days }: NewKey): Promise<CreatedAdminKey> {
  const expiresAt = days === "" ? {} : { expiresAt: new Date(currentTime() + Number(days) * DAY_MS).toISOString() };
  return write({ method: "POST", path: "/admin/v1/keys", body: { name: name.trim(), role, ...expiresAt } });
}
