import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the local cluster takes from the environment: read here and nowhere else. */
export type LocalConfig = {
  /** Folder for binaries, build stamps and images that outlive a checkout: `${XDG_CACHE_HOME:-~/.cache}/subnetes`. */
  readonly cacheDir: string;
  /** The caller's environment, handed on to the programs that are started. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** Reads the configuration from `environment` (usually `process.env`). An empty XDG_CACHE_HOME counts as unset, as the XDG base directory specification says. */
export function readLocalConfig(environment: Readonly<Record<string, string | undefined>>): LocalConfig {
  const cacheHome = environment['XDG_CACHE_HOME'];
  const base = cacheHome === undefined || cacheHome === '' ? join(homedir(), '.cache') : cacheHome;
  return Object.freeze({ cacheDir: join(base, 'subnetes'), environment });
}

/** The configuration of this process. */
export function localConfig(): LocalConfig {
  return readLocalConfig(process.env);
}
