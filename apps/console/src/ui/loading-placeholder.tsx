/** What stands in the place of something that is being loaded. */
import styles from "./loading-placeholder.module.css";

export function LoadingPlaceholder() {
  return (
    <div className={styles.loading} role="status" aria-label="Loading">
      <div className={styles.bar} />
      <div className={styles.bar} />
      <div className={styles.bar} />
    </div>
  );
}
