import { existsSync } from 'node:fs';
import path from 'node:path';
import { builtinModules } from 'node:module';
import { expect, test } from 'vitest';
import { importsOf, read, repositoryFiles, ROOT, sources, workspaceOf } from './repository.ts';

const FILE_LINES_MAX = 300;

test('files are at most 300 lines long', () => {
  const long = sources()
    .map((file) => ({ file, lines: read(file).split('\n').length }))
    .filter(({ lines }) => lines > FILE_LINES_MAX + 1);
  expect(long, 'split by idea').toEqual([]);
});

test('nothing is named for nothing', () => {
  const vague = sources().filter((file) => /\/(utils?|helpers?|common|misc|shared|index)\.tsx?$/.test(file));
  expect(vague, 'name the concept').toEqual([]);
});

test('no test is skipped or alone, no marker is left', () => {
  const found = sources()
    .filter((file) => !file.startsWith('test/architecture/'))
    .flatMap((file) =>
      [
        ...read(file).matchAll(
          /\b(?:it|test|describe)\.(?:skip|only|todo)\b|@ts-ignore|@ts-nocheck|\bTODO\b|\bFIXME\b/g,
        ),
      ].map((match) => ({ file, found: match[0] })),
    );
  expect(found).toEqual([]);
});

test('every imported package is declared by the workspace that imports it', () => {
  const builtins = new Set(builtinModules);
  const declared = new Map<string, Set<string>>();
  const declaredBy = (workspace: string): Set<string> => {
    const known = declared.get(workspace);
    if (known !== undefined) return known;
    const own = ['package.json', `${workspace}/package.json`]
      .filter((file) => existsSync(path.join(ROOT, file)))
      .flatMap((file) => {
        const parsed = JSON.parse(read(file)) as Record<string, Record<string, string> | string | undefined>;
        const names = [parsed['name']].filter((name) => typeof name === 'string');
        return [...names, ...['dependencies', 'devDependencies'].flatMap((key) => Object.keys(parsed[key] ?? {}))];
      });
    const names = new Set(own);
    declared.set(workspace, names);
    return names;
  };
  const missing = sources()
    .filter((file) => file.includes('/') && !file.startsWith('test/'))
    .flatMap(importsOf)
    .filter(({ specifier }) => !/^(\.|#|node:)/.test(specifier) && !builtins.has(specifier))
    .map(({ file, specifier }) => {
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      return { workspace: workspaceOf(file), name };
    })
    .filter(({ workspace, name }) => !declaredBy(workspace).has(name));
  expect([...new Set(missing.map(({ workspace, name }) => `${workspace} imports ${name}`))]).toEqual([]);
});

test('an import climbs at most one level', () => {
  const climbing = sources()
    .filter((file) => file.includes('/src/'))
    .flatMap(importsOf)
    .filter(({ specifier }) => specifier.startsWith('../../'));
  expect(climbing, 'use #…').toEqual([]);
});

test('relative links in Markdown resolve', () => {
  const broken = repositoryFiles()
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)\s#]+)(?:#[^)]*)?\)/g)]
        .map((match) => ({ file, link: match[1] ?? '' }))
        .filter(({ link }) => !existsSync(path.join(ROOT, path.dirname(file), link))),
    );
  expect(broken).toEqual([]);
});

test('the lockfile records no download addresses', () => {
  expect(read('package-lock.json')).not.toMatch(/"resolved": "https?:/);
});
