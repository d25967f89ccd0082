import { expect, test } from 'vitest';
import { CERTIFICATE_VALID_MS, isDue, RENEW_BEFORE_MS, wantedCertificates } from './wanted-secrets.ts';

const ledger = wantedCertificates('market').find((wanted) => wanted.part === 'ledger');

test('the first name of a certificate is the one that others allow by', () => {
  expect(ledger?.dnsNames[0]).toBe('ledger.market.svc');
});

test.for([
  { name: 'a fresh one is kept', leftMs: CERTIFICATE_VALID_MS, drop: '', due: false },
  { name: 'one that ends soon is renewed', leftMs: RENEW_BEFORE_MS - 1, drop: '', due: true },
  { name: 'one without a name is renewed', leftMs: CERTIFICATE_VALID_MS, drop: 'ledger', due: true },
  { name: 'one at the very bound is kept', leftMs: RENEW_BEFORE_MS, drop: '', due: false },
])('$name', ({ leftMs, drop, due }) => {
  if (ledger === undefined) throw new Error('no certificate for the ledger');
  const dnsNames = ledger.dnsNames.filter((dnsName) => dnsName !== drop);
  expect(isDue({ notAfterMs: 1000 + leftMs, dnsNames }, ledger, 1000)).toBe(due);
});
