import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { isTest, read, repositoryFiles, sources } from './repository.ts';

interface Schema {
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Crd {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

interface Field {
  readonly path: string;
  readonly name: string;
  readonly description: string;
  /** A value that is the only one is what the code does anyway. */
  readonly isFixed: boolean;
}

function fieldsOf(schema: Schema, path: string): readonly Field[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => [
    {
      path: `${path}.${name}`,
      name,
      description: child.description ?? '',
      isFixed: child.enum?.length === 1,
    },
    ...fieldsOf(child, `${path}.${name}`),
  ]);
  return schema.items === undefined ? own : [...own, ...fieldsOf(schema.items, `${path}[]`)];
}

const FIELDS = repositoryFiles()
  .filter((file) => /^crds\/.*\.yaml$/.test(file))
  .map((file) => parse(read(file)) as Crd)
  .flatMap(({ spec }) =>
    spec.versions.flatMap(({ schema: { openAPIV3Schema } }) =>
      ['spec', 'status'].flatMap((part) =>
        fieldsOf(openAPIV3Schema.properties?.[part] ?? {}, `${spec.names.kind}.${part}`),
      ),
    ),
  );

test('there are fields to check', () => {
  expect(FIELDS.length).toBeGreaterThan(100);
});

test('every field is described: kubectl explain is the manual', () => {
  const bare = FIELDS.filter(({ description }) => description === '').map(({ path }) => path);
  expect(bare).toEqual([]);
});

test('every field is acted on: the operator reads what is in spec and writes what is in status', () => {
  const code = sources()
    .filter((file) => file.startsWith('operator/src/') && !isTest(file))
    .map(read)
    .join('\n');
  const isNamed = ({ name, isFixed }: Field): boolean => isFixed || new RegExp(`(\\.|\\b)${name}\\b`).test(code);
  expect(FIELDS.filter((field) => !isNamed(field)).map(({ path }) => path)).toEqual([]);
});
