/** Something to be read before all else on its page. */
import { CircleAlert, CircleCheck, CircleX, Info, type LucideIcon, Sparkles } from "lucide-react";
import type { ReactNode } from "react";
import { joinClassNames } from "./join-class-names.ts";
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

export function Notice({ tone, title, children, role }: NoticeProps) {
  const Icon = ICONS[tone];
  return (
    <div className={joinClassNames(styles.notice, styles[tone])} role={role}>
      <Icon size={18} className={styles.icon} aria-hidden />
      <div className={styles.body}>
        <div className={styles.title}>{title}</div>
        {children}
      </div>
    </div>
  );
}
