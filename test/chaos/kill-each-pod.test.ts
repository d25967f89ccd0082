import { expect, test } from 'vitest';
import { tools } from '../e2e/market.ts';
import { booksAfter, lastPaid, PayingClients, SOUND_BOOKS } from './paying-clients.ts';

const VICTIMS = [
  { name: 'operator', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=operator' },
  { name: 'ledger', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=ledger' },
  { name: 'scoring', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=scoring' },
  { name: 'billing', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=billing' },
  { name: 'PostgreSQL', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=postgres' },
  { name: 'NATS', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=nats' },
  {
    name: 'validator',
    namespace: 'finance',
    selector: 'app.kubernetes.io/name=validator,app.kubernetes.io/instance=val-a',
  },
  { name: 'miner', namespace: 'finance', selector: 'app.kubernetes.io/name=miner,app.kubernetes.io/instance=garch' },
  { name: 'gateway', namespace: 'subnetes-system', selector: 'app.kubernetes.io/component=serving-gateway' },
] as const;

/** Kills the victim's pods without warning and waits until as many new ones are ready. */
async function killAndHeal({ namespace, selector }: (typeof VICTIMS)[number]): Promise<void> {
  const cluster = tools();
  const podNames = async (): Promise<string[]> =>
    (await cluster.kubectl(['-n', namespace, 'get', 'pods', '-l', selector, '-o', 'jsonpath={.items[*].metadata.uid}']))
      .split(' ')
      .filter((uid) => uid !== '');
  const before = await podNames();
  expect(before.length).toBeGreaterThan(0);
  await cluster.kubectl(['-n', namespace, 'delete', 'pods', '-l', selector, '--grace-period=0', '--force']);
  await expect
    .poll(async () => (await podNames()).filter((uid) => !before.includes(uid)).length, {
      timeout: 120_000,
      interval: 500,
    })
    .toBeGreaterThanOrEqual(before.length);
  await cluster.kubectl(['-n', namespace, 'wait', 'pods', '-l', selector, '--for=condition=Ready', '--timeout=120s']);
}

test(
  'each part is killed once under load: nothing is lost, doubled, or charged without an answer',
  { timeout: 900_000 },
  async () => {
    const paid = await lastPaid();
    const clients = await PayingClients.start();
    for (const victim of VICTIMS) await killAndHeal(victim);
    await clients.areAnswered();
    const { answers, ...bills } = await clients.end();
    expect(answers).toBeGreaterThan(50);
    expect(bills).toEqual({ doubled: 0, unanswered: [], differenceRao: 0n });
    expect(await booksAfter(paid)).toEqual(SOUND_BOOKS);
  },
);
