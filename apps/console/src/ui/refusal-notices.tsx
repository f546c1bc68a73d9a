/** Why something was refused, and why it would be. */
import { Notice } from "./notice.tsx";

/** ActionRefusalNotice says why the last run of an action was refused; nothing where it was not. */
export function ActionRefusalNotice({ of: { refused } }: { readonly of: { readonly refused: string | undefined } }) {
  return refused === undefined ? null : <Notice tone="bad" title={refused} role="alert" />;
}

interface RoleTooLowNoticeProps {
  readonly takes: "operator" | "admin";
  readonly title?: string;
}

/** RoleTooLowNotice says that the role is too low, and which it takes. */
export function RoleTooLowNotice({ takes, title = "Your role does not allow this" }: RoleTooLowNoticeProps) {
  return (
    <Notice tone="warn" title={title}>
      It takes an {takes}.
    </Notice>
  );
}
