import { type Answer, isSameForecast } from '#domain/answer.ts';
import type { Forecast } from '#domain/crps.ts';
import type { AskMiner, SignedAnswer } from './ports.ts';

/** Two answers of one miner to one question that differ: what a validator keeps to show a failed audit. */
export type FailedAudit = {
  /** Registration id, hexadecimal. */
  readonly miner: string;
  readonly block: number;
  readonly closes: readonly number[];
  /** Each with the miner's own receipt, base64: it signed the hashes of question and answer. Absent where it sent none. */
  readonly answers: readonly { readonly forecast: Forecast; readonly receipt: string | undefined }[];
};

/** Keeps it and answers its hash, hexadecimal. */
export type KeepAudit = (audit: FailedAudit) => Promise<string>;

/**
 * Asks the same again. A model is a function of what it is asked, so a miner that answers something else did not compute one of
 * both. Where the second answer is missing or invalid nothing is said: that it did not answer stands elsewhere.
 */
export async function auditAnswer(
  ports: { readonly ask: AskMiner; readonly keep: KeepAudit },
  question: Parameters<AskMiner>[0],
  first: SignedAnswer,
): Promise<Answer> {
  const { receipt, ...answer } = first;
  if (answer.kind === 'invalid') return answer;
  const second = await ports.ask(question);
  if (second.kind === 'invalid' || isSameForecast(answer.forecast, second.forecast)) return answer;
  const failedAudit = await ports.keep({
    miner: question.miner.id,
    block: question.block,
    closes: question.closes,
    answers: [
      { forecast: answer.forecast, receipt },
      { forecast: second.forecast, receipt: second.receipt },
    ],
  });
  return { ...answer, failedAudit };
}
