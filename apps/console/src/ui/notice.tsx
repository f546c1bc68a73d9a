/** Something to be read before all else on its page. */
import { CircleAlert, CircleCheck, CircleX, Info, type LucideIcon, Sparkles } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import styles from "./notice.module.css";
import type { Tone } from "./tone.ts";

const ICONS: Readonly<Record<Tone, LucideIcon>> = {
  good: CircleCheck,
  warn: CircleAlert,
  bad: CircleX,
  plain: Info,
  accent: Sparkles,
};

interface NoticeProps {
  readonly tone: Tone;
  readonly title: ReactNode;
  readonly children?: ReactNode;
  /** Read out at once where it comes up by itself; `status` waits for a pause. */
  readonly role?: "alert" | "status";
}

/** Refusal says why the last run of an action was refused; nothing where it was not. */
export function Refusal({ of: { refused } }: { readonly of: { readonly refused: string | undefined } }) {
  return refused === undefined ? null : <Notice tone="bad" title={refused} role="alert" />;
}

/** RoleNotice says that the role is too low, and which it takes. */
export function RoleNotice({ takes, title = "Your role does not allow this" }: RoleNoticeProps) {
  return (
    <Notice tone="warn" title={title}>
      It takes an {takes}.
    </Notice>
  );
}

interface RoleNoticeProps {
  readonly takes: "operator" | "admin";
  readonly title?: string;
}

export function Notice({ tone, title, children, role }: NoticeProps) {
  const Icon = ICONS[tone];
  return (
    <div className={classes(styles.notice, styles[tone])} role={role}>
      <Icon size={18} className={styles.icon} aria-hidden />
      <div className={styles.body}>
        <div className={styles.title}>{title}</div>
        {children}
      </div>
    </div>
  );
}
