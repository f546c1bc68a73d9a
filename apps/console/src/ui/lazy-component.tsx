/** Parts of the console that are loaded once they are wanted, and asked for again where that fails. */
import { type FunctionComponent, type ReactNode, useEffect, useState } from "react";
import { Button } from "./button.tsx";
import { LoadingPlaceholder } from "./loading-placeholder.tsx";
import { Notice } from "./notice.tsx";
import { Page } from "./page-layout.tsx";

/** How often a part that could not be loaded is asked for again. Milliseconds. */
const RETRY_INTERVAL_MS = 5_000;

type Load<P> = () => Promise<FunctionComponent<P>>;

const loaders: (() => Promise<unknown>)[] = [];

/**
 * loadAllLazyComponents loads what was not wanted yet, one after the other, so that each page can be opened also while
 * admin is gone. What cannot be loaded is asked for once it is wanted.
 */
export async function loadAllLazyComponents(): Promise<void> {
  // A part that is loaded may have parts of its own: they are behind it in this list.
  for (const load of loaders) await load().catch(() => undefined);
}

/** createLazyPage makes a page of what `load` imports; until then it has its title. */
export function createLazyPage(title: string, load: Load<object>): FunctionComponent<object> {
  return createLazyComponent(load, {
    loading: <LoadingPlaceholder />,
    around: (shown) => <Page title={title}>{shown}</Page>,
  });
}

interface LoadingDisplay {
  readonly loading: ReactNode;
  /** Stands around what is shown in the part's place. */
  readonly around?: (shown: ReactNode) => ReactNode;
}

/** createLazyComponent makes a component of what `load` imports, and says what is shown until then. */
export function createLazyComponent<P extends object>(
  load: Load<P>,
  { loading, around = (shown) => shown }: LoadingDisplay = { loading: <LoadingPlaceholder /> },
): FunctionComponent<P> {
  let part: FunctionComponent<P> | undefined;
  const loadOnce = async () => {
    part ??= await load();
    return part;
  };
  loaders.push(loadOnce);
  return function LazyPart(props: P) {
    const { loaded: Loaded, failure, retry } = useRetriedLoad(part, loadOnce);
    if (Loaded !== undefined) return <Loaded {...props} />;
    return around(failure === undefined ? loading : <LoadFailureNotice failure={failure} onRetry={retry} />);
  };
}

/** LoadFailure is why a part could not be loaded: no answer, or admin serves another version, which has no such one. */
type LoadFailure = "no-answer" | "other-version";

function useRetriedLoad<P>(part: FunctionComponent<P> | undefined, load: Load<P>) {
  // In an object: React would call a component that it is given as a state.
  const [loaded, setLoaded] = useState(() => ({ part }));
  const [failure, setFailure] = useState<LoadFailure>();
  const [tries, setTries] = useState(0);
  const isLoaded = loaded.part !== undefined;
  const retry = () => setTries((before) => before + 1);
  useEffect(() => {
    if (isLoaded) return;
    let isLeft = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    load().then(
      (found) => isLeft || setLoaded({ part: found }),
      async () => {
        const why = await findLoadFailure();
        if (isLeft) return;
        setFailure(why);
        timer = setTimeout(retry, RETRY_INTERVAL_MS);
      },
    );
    return () => {
      isLeft = true;
      clearTimeout(timer);
    };
  }, [isLoaded, load, tries]);
  return { loaded: loaded.part, failure, retry };
}

/** findLoadFailure looks whether admin's page still names the script that runs here. */
async function findLoadFailure(): Promise<LoadFailure> {
  const script = document.querySelector<HTMLScriptElement>("script[type=module]")?.getAttribute("src") ?? "";
  const page = await fetch("/", { headers: { accept: "text/html" }, cache: "no-store" })
    .then((answer) => (answer.ok ? answer.text() : undefined))
    .catch(() => undefined);
  return page === undefined || page.includes(script) ? "no-answer" : "other-version";
}

interface LoadFailureNoticeProps {
  readonly failure: LoadFailure;
  readonly onRetry: () => void;
}

function LoadFailureNotice({ failure, onRetry }: LoadFailureNoticeProps) {
  if (failure === "other-version") {
    return (
      <Notice tone="warn" title="Admin serves another version of the console" role="alert">
        <p>This part of the version that runs here is not there any more. What is typed on this page is lost.</p>
        <Button small onClick={() => window.location.reload()}>
          Load the console anew
        </Button>
      </Notice>
    );
  }
  return (
    <Notice tone="bad" title="This part of the console could not be loaded" role="alert">
      <p>Baton's admin process does not answer. The part is asked for until it comes.</p>
      <Button small onClick={onRetry}>
        Try now
      </Button>
    </Notice>
  );
}
