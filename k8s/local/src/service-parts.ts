/** A part of the system that runs in an image of its own: one bundle on the common base. */
export type ServicePart = {
  /** The image's name: `<registry>/subnetes/<part>:<version>`. */
  readonly part: string;
  /** The workspace's folder, from the top of the repository. */
  readonly folder: string;
  /** The module that runs, from `folder`. */
  readonly entry: string;
  /** Files and folders beside `migrations` that it reads at run time, from `folder`; in the image they lie at the same place below /app. */
  readonly assets: readonly string[];
  /** Program of the repository's tools, with arguments, that makes assets; runs in `folder`. */
  readonly buildCommand?: readonly [string, ...string[]];
  /** npm packages with native code or data files: copied instead of bundled. */
  readonly external: readonly ExternalPackage[];
};

export type ExternalPackage = {
  readonly name: string;
  /** What of the package is needed, from its folder. */
  readonly files: readonly string[];
};

/** The processor's own build alone: the package carries those of other systems, too. */
const ONNX_RUNTIME: readonly ExternalPackage[] = [
  { name: 'onnxruntime-node', files: ['package.json', 'dist', `bin/napi-v6/linux/${process.arch}`] },
  { name: 'onnxruntime-common', files: ['package.json', 'dist/cjs'] },
];

/** Everything that is deployed. A part whose entry does not exist fails the build by its name. */
export const SERVICE_PARTS: readonly ServicePart[] = [
  service('ledger', {}),
  service('scoring', {}),
  service('serving-gateway', {}),
  service('billing', {}),
  service('miner', { external: ONNX_RUNTIME }),
  service('validator', {
    external: [{ name: 'vega-datasets', files: ['package.json', 'build/index.js', 'data/sp500-2000.csv'] }],
  }),
  service('console', { assets: ['dist/page'], buildCommand: ['vite', 'build'] }),
  service('setup', {}),
  service('witness', {}),
  { part: 'operator', folder: 'operator', entry: 'src/main.ts', assets: [], external: [] },
  { part: 'key-job', folder: 'operator', entry: 'src/key-job-main.ts', assets: [], external: [] },
];

function service(part: string, rest: Partial<Pick<ServicePart, 'assets' | 'buildCommand' | 'external'>>): ServicePart {
  return { part, folder: `services/${part}`, entry: 'src/main.ts', assets: [], external: [], ...rest };
}
