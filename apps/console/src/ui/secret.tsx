/** A secret that is shown once. */
import { CopyButton } from "./copy.tsx";
import { Notice } from "./notice.tsx";
import styles from "./secret.module.css";

interface SecretProps {
  /** What it is: `token`, `key`. */
  readonly what: string;
  readonly secret: string;
}

export function Secret({ what, secret }: SecretProps) {
  return (
    <Notice tone="good" title={`The new ${what}, shown this once`} role="status">
      <code className={styles.secret}>{secret}</code>
      <CopyButton what={what} text={secret} />
    </Notice>
  );
}
