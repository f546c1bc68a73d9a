/** Light, dark, or as the system has it; kept in this browser. */
import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { Button } from "../ui/button.tsx";

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

const ICONS = { system: Monitor, light: Sun, dark: Moon } as const;
const STORAGE_KEY = "baton-theme";

/** applyStoredTheme is called before the first page is drawn. */
export function applyStoredTheme(): void {
  applyTheme(readStoredTheme());
}

export function ThemeSwitch() {
  const [theme, setTheme] = useState(readStoredTheme);
  const Icon = ICONS[theme];
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  const change = () => {
    window.localStorage.setItem(STORAGE_KEY, next);
    applyTheme(next);
    setTheme(next);
  };
  return (
    <Button look="quiet" small onClick={change}>
      <Icon size={15} aria-hidden />
      Theme: {theme}
    </Button>
  );
}

function readStoredTheme(): Theme {
  const stored = window.localStorage.getItem(STORAGE_KEY);
  return THEMES.find((theme) => theme === stored) ?? "system";
}

function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
