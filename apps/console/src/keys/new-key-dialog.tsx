/** A new admin key: for whom, with which role, and until when. */
import { useForm } from "react-hook-form";
import { write } from "../api/request.ts";
import type { CreatedAdminKey, Role } from "../api/shapes.ts";
import { Button } from "../ui/button.tsx";
import { commandOf } from "../ui/command.ts";
import { Dialog, DialogButtons } from "../ui/dialog.tsx";
import { SelectField, TextField } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { useAction } from "../ui/use-action.ts";

const DAY_MS = 86_400_000;

const ROLES: readonly (readonly [Role, string])[] = [
  ["viewer", "viewer: looks"],
  ["operator", "operator: also replays, discards, cancels, pauses"],
  ["admin", "admin: also changes connectors and keys"],
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
  return (
    <Dialog onClose={onClose} title="New admin key">
      <form id="new-key" onSubmit={(event) => void handleSubmit(action.run)(event)}>
        <TextField
          label="Whose"
          {...register("name", { validate: (name) => name.trim() !== "" || "Say whose key it is." })}
          error={formState.errors.name?.message}
          help="The audit shows this name."
        />
        <SelectField label="Role" {...register("role")}>
          {ROLES.map(([role, words]) => (
            <option key={role} value={role}>
              {words}
            </option>
          ))}
        </SelectField>
        <SelectField label="Ends by itself" {...register("days")}>
          <option value="">never: when it is revoked</option>
          <option value="7">in 7 days</option>
          <option value="90">in 90 days</option>
          <option value="365">in a year</option>
        </SelectField>
      </form>
      {action.refused !== undefined && <Notice tone="bad" title={action.refused} role="alert" />}
      <DialogButtons
        command={commandOf(["keys", "issue", typed.name.trim()], { role: typed.role, expires: expiryOf(typed) })}
      >
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" form="new-key" look="primary" disabled={action.busy}>
          Make the key
        </Button>
      </DialogButtons>
    </Dialog>
  );
}

/** expiryOf as the command takes it: so long from now. */
function expiryOf({ days }: NewKey): string | undefined {
  return days === "" ? undefined : `${days}d`;
}

function create({ name, role, days }: NewKey): Promise<CreatedAdminKey> {
  const expiresAt = days === "" ? {} : { expiresAt: new Date(Date.now() + Number(days) * DAY_MS).toISOString() };
  return write({ method: "POST", path: "/admin/v1/keys", body: { name: name.trim(), role, ...expiresAt } });
}
