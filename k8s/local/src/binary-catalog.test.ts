import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALL_BINARIES, ARTEFACTS, artefactOf, linkerFlags } from '#binary-catalog.ts';

const pinned = ARTEFACTS.flatMap((artefact) =>
  artefact.goModule === undefined ? [] : [[artefact.name, artefact] as const],
);

test.for(pinned)('%s has the version that its go.mod pins', ([, artefact]) => {
  const goMod = readFileSync(join(import.meta.dirname, '../go', artefact.module, 'go.mod'), 'utf8');
  expect(goMod).toMatch(new RegExp(`^\\s*${artefact.goModule} v${artefact.version}( |$)`, 'm'));
});

test('every binary is built by exactly one artefact, and its own name is among the files', () => {
  expect(new Set(ALL_BINARIES).size).toBe(ALL_BINARIES.length);
  for (const name of ALL_BINARIES) expect(artefactOf(name).binaries).toContain(name);
});

test('Kubernetes reports the version that is built', () => {
  expect(linkerFlags()).toContain(`gitVersion=v${artefactOf('kubelet').version}`);
});
