/** Signing in, by an admin key or by the link that `baton up` prints; at any address. */
import { useEffect, useRef, useState } from "react";
import { describeError, problemCodeOfError } from "../api/request-error.ts";
import { Button } from "../ui/button.tsx";
import { Form, TextField } from "../ui/form-fields.tsx";
import { Notice } from "../ui/notice.tsx";
import { useSignInAndOut } from "./session-and-permissions.ts";
import styles from "./sign-in.module.css";

interface SignInPageProps {
  /** The code of a sign-in link that was opened. */
  readonly code: string | undefined;
  /** There was a session, and it ended by itself. */
  readonly isOver: boolean;
}

export function SignInPage({ code, isOver }: SignInPageProps) {
  const { busy, refused, begin, refuse } = useBeginSession(code);
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <div className={styles.head}>
          <img src="/icon.svg" alt="" width={36} height={36} />
          <h1>Sign in to Baton</h1>
        </div>
        {isOver && refused === undefined && (
          <Notice tone="warn" title="Your session is over" role="status">
            Sign in, and you are back where you were, with all that you typed.
          </Notice>
        )}
        <KeyForm
          busy={busy}
          refused={refused}
          takesFocus={isOver}
          onKey={(key) => (key === "" ? refuse("Enter an admin key; it begins with ba_.") : begin({ key }))}
        />
      </div>
    </main>
  );
}

/** useBeginSession begins a session: by itself with the code of a link, else when it is called. */
function useBeginSession(code: string | undefined) {
  const { signIn } = useSignInAndOut();
  const [busy, setBusy] = useState(code !== undefined);
  const [refused, setRefused] = useState<string>();
  const used = useRef(false);
  const begin = (secret: Parameters<typeof signIn>[0]) => {
    setBusy(true);
    signIn(secret).catch((error: unknown) => {
      setRefused("code" in secret ? `The link did not sign you in: ${describeError(error)}` : describeKeyError(error));
      setBusy(false);
    });
  };
  useEffect(() => {
    document.title = "Sign in · Baton";
    if (code === undefined || used.current) return;
    used.current = true;
    begin({ code });
  });
  return { busy, refused, begin, refuse: setRefused };
}

/** describeKeyError says it to one who typed a key, not to a program that sent a body. */
function describeKeyError(error: unknown): string {
  return problemCodeOfError(error) === "unauthenticated" ? "This is no valid admin key." : describeError(error);
}

interface KeyFormProps {
  readonly busy: boolean;
  readonly refused: string | undefined;
  /** The focus was on a page that is hidden now. */
  readonly takesFocus: boolean;
  readonly onKey: (key: string) => void;
}

function KeyForm({ busy, refused, takesFocus, onKey }: KeyFormProps) {
  const [key, setKey] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (takesFocus) field.current?.focus();
  }, [takesFocus]);
  return (
    <Form className={styles.form} onSubmit={() => onKey(key.trim())}>
      <TextField
        ref={field}
        label="Admin key"
        type="password"
        autoComplete="current-password"
        value={key}
        onChange={({ target }) => setKey(target.value)}
        error={refused}
        help={
          <>
            Begins with <code>ba_</code>. <code>baton up</code> and <code>baton demo</code> print a link that signs you
            in without one.
          </>
        }
      />
      <Button type="submit" look="primary" busy={busy}>
        {busy ? "Signing in…" : "Sign in"}
      </Button>
    </Form>
  );
}
