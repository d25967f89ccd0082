import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const RUNBOOKS = join(import.meta.dirname, '../../docs/runbooks');

/** Dashboards link to the runbooks at the console, so they travel with the page. */
function runbooks(): Plugin {
  return {
    name: 'runbooks',
    generateBundle() {
      for (const name of readdirSync(RUNBOOKS).filter((file) => file.endsWith('.md'))) {
        this.emitFile({ type: 'asset', fileName: `runbooks/${name}`, source: readFileSync(join(RUNBOOKS, name)) });
      }
    },
  };
}

/** Builds the page into dist/page: hashed files of our own origin only, no inline script or style (the CSP forbids them). */
export default defineConfig({
  root: join(import.meta.dirname, 'src/page'),
  base: '/',
  plugins: [runbooks()],
  build: {
    outDir: join(import.meta.dirname, 'dist/page'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
