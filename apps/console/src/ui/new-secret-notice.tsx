/** A secret that was just made, a connector token or a key, shown this once. */
import { CopyButton } from "./copy-button.tsx";
import styles from "./new-secret-notice.module.css";
import { Notice } from "./notice.tsx";

interface NewSecretNoticeProps {
  /** What it is: `token`, `key`. */
  readonly what: string;
  readonly secret: string;
}

/** NewSecretNotice shows a secret that was just made. */
export function NewSecretNotice({ what, secret }: NewSecretNoticeProps) {
  return (
    <Notice tone="good" title={`The new ${what}, shown this once`} role="status">
      <code className={styles.secret}>{secret}</code>
      <CopyButton what={what} text={secret} />
    </Notice>
  );
}
