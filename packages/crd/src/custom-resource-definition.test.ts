import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { customResourceDefinition, KINDS, renderCrd } from './custom-resource-definition.ts';

test.each(KINDS.map((kind) => [kind.plural, kind] as const))(
  'the text of %s is the same to those who read YAML 1.1, where Off and Yes are booleans',
  (_name, kind) => {
    const wanted = JSON.parse(JSON.stringify(customResourceDefinition(kind))) as unknown;
    for (const version of ['1.1', '1.2'] as const) expect(parse(renderCrd(kind).yaml, { version })).toEqual(wanted);
  },
);
