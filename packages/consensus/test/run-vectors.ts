import { OWN_CASES, readCases } from './case-folder.ts';
import { checkCase } from './check-case.ts';

/** `npm run vectors -- DIR`: every case of a folder; exit code 1 when one fails, 64 when there is nothing to run. */
const SHOWN_DIFFERENCES = 5;
const [folder = OWN_CASES] = process.argv.slice(2);
const cases = readCases(folder);
if (cases.length === 0) {
  console.error(`no *.json in ${folder}`);
  process.exit(64);
}

let failed = 0;
for (const vector of cases) {
  const found = checkCase(vector);
  if (found.length === 0) {
    console.log(`ok    ${vector.name}`);
    continue;
  }
  failed += 1;
  console.log(`FAIL  ${vector.name} (${vector.kind})`);
  for (const difference of found.slice(0, SHOWN_DIFFERENCES)) console.log(`      ${difference}`);
  if (found.length > SHOWN_DIFFERENCES) console.log(`      … ${found.length - SHOWN_DIFFERENCES} more`);
}
console.log(`${cases.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
