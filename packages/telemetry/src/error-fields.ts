import { pino } from 'pino';

const CAUSES_MAX = 5;
const MESSAGE_MAX = 1000;

/**
 * An error as the log shows it. Outages, which errors mark with `isOutage: true`, are told again at each try, and where
 * they were noticed helps nobody: type and message with the causes' messages. All else keeps its stack, and so does an
 * outage that a bug brought about.
 */
export function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const chain = causesOf(error);
  if (!isOutage(error) || chain.some(isBug)) return pino.stdSerializers.err(error);
  const message = chain.map(messageOf).reduce((told, next) => (told.includes(next) ? told : `${told}: ${next}`));
  return { type: error.name, message: message.slice(0, MESSAGE_MAX) };
}

/** The error, its cause, the cause's cause… */
function causesOf(error: Error): readonly Error[] {
  const chain = [error];
  for (let next = error.cause; next instanceof Error && chain.length < CAUSES_MAX; next = next.cause) chain.push(next);
  return chain;
}

function isOutage(error: Error): boolean {
  return 'isOutage' in error && error.isOutage === true;
}

/** What the language and assertions throw; a fetch without an answer is a TypeError too, but has a cause. */
function isBug(error: Error): boolean {
  const isThrownByMistake =
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    error.name === 'AssertionError';
  return isThrownByMistake && error.cause === undefined;
}

/** gRPC puts `14 UNAVAILABLE: ` before what it says; of several addresses that all failed Node tells only the list. */
function messageOf(error: Error): string {
  if (error.message === '' && error instanceof AggregateError) return error.errors.map(String).join(', ');
  return error.message.replace(/^\d+ [A-Z_]+: /, '').trim();
}
