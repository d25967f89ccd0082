import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { customResourceDefinition, KINDS } from './custom-resource-definition.ts';
import { OutsideDialectError, structuralSchema } from './structural-schema.ts';
import { staleCrds } from './write-crds.ts';

const translate = (schema: z.ZodType) =>
  structuralSchema(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }), 'spec');
const described = { description: 'some words' };

describe('structuralSchema refuses', () => {
  test.for([
    { what: 'a field without description', schema: z.object({ a: z.boolean() }).meta(described), path: 'spec.a' },
    { what: 'text without a bound', schema: z.string().meta(described), path: 'spec' },
    { what: 'an integer without bounds', schema: z.int().meta(described), path: 'spec' },
    { what: 'an integer with one bound', schema: z.int().min(0).meta(described), path: 'spec' },
    { what: 'a fraction', schema: z.number().min(0).max(1).meta(described), path: 'spec' },
    { what: 'a union', schema: z.union([z.boolean(), z.string().max(3)]).meta(described), path: 'spec' },
    { what: 'null', schema: z.boolean().nullable().meta(described), path: 'spec' },
    { what: 'a list without a bound', schema: z.array(z.boolean().meta(described)).meta(described), path: 'spec' },
    {
      what: 'a list of objects without a key',
      schema: z
        .array(z.object({ a: z.boolean().meta(described) }).meta(described))
        .max(3)
        .meta({ ...described, 'x-kubernetes-list-type': 'atomic' }),
      path: 'spec',
    },
    {
      what: 'a map without a bound',
      schema: z.record(z.string(), z.boolean().meta(described)).meta(described),
      path: 'spec',
    },
    { what: 'an object without fields', schema: z.object({}).meta(described), path: 'spec' },
    {
      what: 'an unknown keyword',
      schema: z.boolean().meta({ ...described, 'x-kubernetes-preserve-unknown-fields': true }),
      path: 'spec',
    },
  ])('$what', ({ schema, path }) => {
    const attempt = (): unknown => translate(schema);
    expect(attempt).toThrow(OutsideDialectError);
    expect(attempt).toThrow(path);
  });
});

describe('the generated CRDs', () => {
  test('are the committed ones', async () => {
    expect(await staleCrds(`${import.meta.dirname}/../../../crds`, { write: false })).toEqual([]);
  });

  test.for(KINDS)('$kind fits a client-side apply and is of our category', (definition) => {
    const crd = customResourceDefinition(definition);
    expect(JSON.stringify(crd).length).toBeLessThan(200_000);
    expect(crd.spec['names']).toMatchObject({ categories: ['subnetes'], plural: definition.plural });
  });

  test('carry one schema default, the replicas of a miner', () => {
    const found: string[] = [];
    const search = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      if ('default' in node && path.includes('openAPIV3Schema')) found.push(path.split('openAPIV3Schema')[1] ?? '');
      for (const [key, child] of Object.entries(node)) search(child, `${path}.${key}`);
    };
    for (const definition of KINDS) search(customResourceDefinition(definition), definition.kind);
    expect(found).toEqual(['.properties.spec.properties.replicas']);
  });
});
