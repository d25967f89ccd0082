import { useEffect, useState } from 'react';

/** `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark';

const STORED_AS = 'subnetes-theme';
const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'dark', dark: 'light', light: 'auto' };

/** The chosen theme, kept in this browser, and a step to the next one. */
export function useTheme(): { theme: Theme; next: () => void } {
  const [theme, setTheme] = useState<Theme>(readStored);
  useEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    window.localStorage.setItem(STORED_AS, theme);
  }, [theme]);
  return { theme, next: () => setTheme(NEXT[theme]) };
}

function readStored(): Theme {
  const stored = window.localStorage.getItem(STORED_AS);
  return stored === 'light' || stored === 'dark' ? stored : 'auto';
}
