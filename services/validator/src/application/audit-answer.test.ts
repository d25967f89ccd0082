import { expect, test } from 'vitest';
import type { Answer } from '#domain/answer.ts';
import { auditAnswer, type FailedAudit } from './audit-answer.ts';
import type { AskMiner, SignedAnswer } from './ports.ts';

const forecast = (value: number, receipt?: string): SignedAnswer => ({
  kind: 'forecast',
  forecast: [[value, 1]],
  ...(receipt === undefined ? {} : { receipt }),
});
const late: Answer = { kind: 'invalid', reason: 'late', unanswered: true };
const question = { miner: { id: 'm' }, block: 7, closes: [1, 2] } as unknown as Parameters<AskMiner>[0];

async function audited(first: SignedAnswer, second: SignedAnswer) {
  const kept: FailedAudit[] = [];
  let asked = 0;
  const ports = {
    ask: async () => {
      asked += 1;
      return second;
    },
    keep: async (audit: FailedAudit) => {
      kept.push(audit);
      return 'hash';
    },
  };
  return { answer: await auditAnswer(ports, question, first), kept, asked };
}

test('the same answer again is no fault', async () => {
  const { answer, kept } = await audited(forecast(0.5, 'r1'), forecast(0.5, 'r2'));
  expect([answer, kept]).toEqual([{ kind: 'forecast', forecast: [[0.5, 1]] }, []]);
});

test('another answer is one, and both are kept with their receipts', async () => {
  const { answer, kept } = await audited(forecast(0.5, 'r1'), forecast(0.5 + Number.EPSILON, 'r2'));
  expect(answer).toEqual({ kind: 'forecast', forecast: [[0.5, 1]], failedAudit: 'hash' });
  expect(kept).toEqual([
    {
      miner: 'm',
      block: 7,
      closes: [1, 2],
      answers: [
        { forecast: [[0.5, 1]], receipt: 'r1' },
        { forecast: [[0.5 + Number.EPSILON, 1]], receipt: 'r2' },
      ],
    },
  ]);
});

test('who does not answer twice is not said to answer differently, and who did not answer is not asked again', async () => {
  expect(await audited(forecast(0.5), late)).toMatchObject({ answer: forecast(0.5), kept: [], asked: 1 });
  expect(await audited(late, forecast(0.5))).toMatchObject({ answer: late, kept: [], asked: 0 });
});
