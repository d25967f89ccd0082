import { expect, test } from 'vitest';
import { deployables, importsOf, isTest, read, repositoryFiles, sources, workspaceOf } from './repository.ts';

/** What a layer may reach by `#…`, from the inside out. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  domain: ['domain'],
  application: ['domain', 'application'],
  adapters: ['domain', 'application', 'adapters', 'config.ts'],
};
const DOMAIN_PACKAGES = [
  '@subnetes/money',
  '@subnetes/consensus',
  '@subnetes/policy',
  '@subnetes/incentive',
  '@subnetes/crd',
];

const inDeployables = sources().filter((file) => deployables().some((part) => file.startsWith(`${part}/src/`)));
const production = inDeployables.filter((file) => !isTest(file));

function layerOf(file: string): string | undefined {
  return /\/src\/(domain|application|adapters)\//.exec(file)?.[1];
}

function targetLayer(specifier: string): string | undefined {
  return /(?:^#|\.\.?\/)(domain|application|adapters|config\.ts|main\.ts)/.exec(specifier)?.[1];
}

test('there is something to check', () => {
  expect(production.length).toBeGreaterThan(50);
  expect(deployables().length).toBeGreaterThanOrEqual(8);
});

test('a layer imports itself and the layers below only: domain ← application ← adapters ← main', () => {
  const wrong = production.flatMap(importsOf).filter(({ file, specifier }) => {
    const allowed = LAYERS[layerOf(file) ?? ''];
    const target = targetLayer(specifier);
    return allowed !== undefined && target !== undefined && !allowed.includes(target);
  });
  expect(wrong, 'move the code outward, or pass what it needs through a port').toEqual([]);
});

test('domain code imports its own domain and pure packages only', () => {
  const wrong = production
    .filter((file) => layerOf(file) === 'domain')
    .flatMap(importsOf)
    .filter(({ specifier }) => !specifier.startsWith('#domain/') && !specifier.startsWith('.'))
    .filter(({ specifier }) => !DOMAIN_PACKAGES.some((name) => specifier.startsWith(`${name}/`)));
  expect(wrong, 'domain is pure: hand the value in instead').toEqual([]);
});

test('domain code is not async and reads no clock, randomness or environment', () => {
  const wrong = production
    .filter((file) => layerOf(file) === 'domain')
    .flatMap((file) => {
      const text = read(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      const match = /\basync\b|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\./.exec(text);
      return match === null ? [] : [{ file, found: match[0] }];
    });
  expect(wrong).toEqual([]);
});

test('no deployable imports another', () => {
  const names = new Map(
    [...deployables(), 'k8s/samples/finance/trainer'].map((part) => [
      (JSON.parse(read(`${part}/package.json`)) as { name: string }).name,
      part,
    ]),
  );
  const wrong = inDeployables.flatMap(importsOf).filter(({ file, specifier }) => {
    const target = [...names].find(([name]) => specifier === name || specifier.startsWith(`${name}/`));
    return target !== undefined && target[1] !== workspaceOf(file);
  });
  expect(wrong, 'services meet in @subnetes/proto and @subnetes/bus').toEqual([]);
});

test('vendor clients stay in adapters', () => {
  const vendors = /^(pg|undici|fastify|@grpc\/grpc-js|@nats-io\/|@electric-sql\/|@kubernetes\/|onnxruntime-node)/;
  const wrong = production
    .filter((file) => layerOf(file) === 'application')
    .flatMap(importsOf)
    .filter(({ specifier }) => vendors.test(specifier) || specifier.startsWith('node:'))
    .filter(
      ({ specifier }) =>
        specifier !== 'node:assert/strict' && specifier !== 'node:assert' && specifier !== 'node:crypto',
    );
  expect(wrong).toEqual([]);
});

test('the environment is read in config.ts and handed over by main.ts alone', () => {
  const wrong = inDeployables
    .filter((file) => !isTest(file) && /process\.env/.test(read(file)))
    .filter((file) => !/\/src\/([a-z-]*-)?(main|config)\.ts$/.test(file));
  expect(wrong).toEqual([]);
});

test('every deployable has the same skeleton', () => {
  const files = new Set(repositoryFiles());
  const missing = deployables().flatMap((part) => [
    ...['package.json', 'README.md', 'src/main.ts', 'src/config.ts', 'src/application/ports.ts']
      .map((file) => `${part}/${file}`)
      .filter((file) => !files.has(file)),
    ...['domain', 'application', 'adapters']
      .map((folder) => `${part}/src/${folder}/`)
      .filter((folder) => !repositoryFiles().some((file) => file.startsWith(folder))),
  ]);
  expect(missing).toEqual([]);
});
