import { dirname, relative } from 'node:path';
import type { Plugin, RolldownLog } from 'rolldown';

/** Where the parts lie in their images; what was at `x/y` of the repository is at `/app/x/y`. */
export const IMAGE_ROOT = '/app';

export type BundleOptions = {
  readonly repositoryDir: string;
  /** Absolute path of the module that runs. */
  readonly entry: string;
  /** Absolute path of the folder for `main.mjs` and for the chunks that it loads when they are needed. */
  readonly outputDir: string;
  /** npm packages that are left out and must be found at run time. */
  readonly external: readonly string[];
  /** Where the repository's files will lie. Default: as in the images. */
  readonly root?: string;
};

/**
 * Bundles a part with all it imports into ES modules with source maps. What a part imports dynamically stands in chunks
 * of its own: the tracing SDK is a third of the code, and most processes never load it.
 *
 * @throws the bundler's error naming file and line
 */
export async function bundlePart(options: BundleOptions): Promise<void> {
  // Loaded here, since starting a cluster needs no bundler.
  const { rolldown } = await import('rolldown');
  const { external } = options;
  const bundle = await rolldown({
    input: options.entry,
    platform: 'node',
    external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
    onLog: (_level, log) => refuseUnresolved(log),
    plugins: [placeInImage(options), LAZY_HTTP, ASCII_ONLY],
  });
  try {
    await bundle.write({
      dir: options.outputDir,
      entryFileNames: 'main.mjs',
      chunkFileNames: '[name]-[hash].mjs',
      format: 'esm',
      // The text stays in memory: of its comments only the licences are worth that.
      comments: { legal: true, annotation: false, jsdoc: false },
      // Hence short names within functions, and no blanks; functions and classes keep theirs, for stacks and errors.
      minify: { compress: false, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
      sourcemap: true,
      sourcemapExcludeSources: true,
    });
  } finally {
    await bundle.close();
  }
}

const HTTP = '\0node:http';

/**
 * An `import` of node:http reads every export of it, and three of them load Node's own fetch and WebSocket client: 8 MB for
 * what no part uses. Taken as CommonJS, only what is named is read.
 */
const LAZY_HTTP: Plugin = {
  name: 'lazy-http',
  resolveId: (id) => (id === 'node:http' || id === 'http' ? HTTP : undefined),
  load: (id) => (id === HTTP ? `module.exports = process.getBuiltinModule('node:http');` : undefined),
};

/**
 * V8 keeps the source of a module in memory, two bytes a character as soon as a single one is beyond ASCII: such characters
 * are written as escapes, which mean the same wherever they can stand here (strings, templates, expressions, comments).
 */
const ASCII_ONLY: Plugin = {
  name: 'ascii-only',
  generateBundle(_options, outputs) {
    for (const output of Object.values(outputs)) {
      if (output.type === 'chunk') output.code = escapeNonAscii(output.code);
    }
  },
};

/** Each UTF-16 unit beyond ASCII as `\uXXXX`. */
export function escapeNonAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7F]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Packages that others try to load and go on without. */
const OPTIONAL = new Set(['bufferutil', 'pg-native', 'utf-8-validate']);

/** An import that cannot be resolved would fail in the pod: it fails the build instead. Remarks on dependencies' style are dropped. */
function refuseUnresolved(log: RolldownLog): void {
  if (log.code === 'UNRESOLVED_IMPORT' && !(log.exporter !== undefined && OPTIONAL.has(log.exporter)))
    throw new Error(log.message);
}

/**
 * Modules find their files by `import.meta.dirname`, which in a bundle is the bundle's. This puts in the place that the module
 * has in the image's copy of the repository, or under another root, so that one expression works from source and from a bundle.
 * Only the entry is `import.meta.main`.
 */
function placeInImage(options: BundleOptions): Plugin {
  return {
    name: 'place-in-image',
    transform(code, id) {
      if (id.includes('/node_modules/') || !code.includes('import.meta.')) return undefined;
      // Replacements stay within their lines, so the map that exists keeps naming the right line.
      return {
        code: placeModule(code, {
          path: `${options.root ?? IMAGE_ROOT}/${relative(options.repositoryDir, id)}`,
          isEntry: id === options.entry,
        }),
        map: null,
      };
    },
  };
}

/** Replaces `import.meta`'s `dirname`, `filename`, `url` and `main` by what they are for a module at `path`. */
export function placeModule(code: string, module: { readonly path: string; readonly isEntry: boolean }): string {
  return code.replaceAll(/\bimport\.meta\.(dirname|filename|url|main)\b/g, (_, name: string) => {
    if (name === 'dirname') return JSON.stringify(dirname(module.path));
    if (name === 'filename') return JSON.stringify(module.path);
    if (name === 'url') return JSON.stringify(`file://${module.path}`);
    return String(module.isEntry);
  });
}
