import { expect, test } from 'vitest';
import { fails, firstViolation, holds, progress, readiness, unknown, type Judgement } from './judgement.ts';

const accepted = holds('Accepted', 'MandateHolds');
const registered = holds('Registered', 'Registered');
const available = holds('Available', 'EndpointHealthy');

test('ready is accepted, registered and available, whatever the market says', () => {
  const idle = fails('Earning', 'OutscoredByOthers', 'others forecast better');
  expect(readiness([accepted, registered, available, idle])).toMatchObject({ status: 'True', reason: 'Ready' });
});

test('the first condition that does not hold gives the reason', () => {
  const starting = fails('Available', 'PodsStarting', '0 of 1 replicas are ready');
  const full = fails('Registered', 'SubnetFull', 'all immune');
  expect(readiness([accepted, full, starting])).toMatchObject({
    status: 'False',
    reason: 'SubnetFull',
    message: 'Registered does not hold: all immune',
  });
});

test.for<{ name: string; judgements: readonly Judgement[]; types: readonly string[] }>([
  { name: 'ready', judgements: [accepted, registered, available], types: [] },
  { name: 'on its way', judgements: [accepted, unknown('Registered', 'WaitingForKey', '')], types: ['Reconciling'] },
  { name: 'waiting for a person', judgements: [fails('Accepted', 'NoMandate', '')], types: ['Stalled'] },
  { name: 'suspended', judgements: [fails('Accepted', 'Suspended', '')], types: [] },
])('what is $name is told to kstatus as $types', ({ judgements, types }) => {
  expect(progress([...judgements, readiness(judgements)]).map(({ type }) => type)).toEqual(types);
});

test('who is stalled is told where to read what to do', () => {
  for (const words of ['there is no ConfigMap owner', 'there is no ConfigMap owner.']) {
    const refused = fails('Accepted', 'NoMandate', words);
    const [stalled] = progress([refused, readiness([refused])]);
    expect(stalled?.message).toBe(
      'Accepted does not hold: there is no ConfigMap owner. See docs/runbooks/reasons.md#nomandate.',
    );
  }
});

test('of several policies the first that is broken counts', () => {
  const broken = (reason: 'SubnetFull' | 'NoMandate') => () => ({ reason, message: reason });
  expect(firstViolation([() => undefined, broken('SubnetFull'), broken('NoMandate')], {})?.reason).toBe('SubnetFull');
});
