import { inferResponse, readInferRequest } from '#domain/tensor.ts';
import type { Model } from './ports.ts';

export type AnswerResult =
  | { readonly kind: 'answer'; readonly json: object; readonly model: Model }
  | { readonly kind: 'nothing'; readonly model: Model }
  | { readonly kind: 'refused'; readonly status: 400 | 404 | 503; readonly reason: string; readonly message: string };

export type Answer = (request: {
  readonly modelName: string;
  readonly json: unknown;
  readonly signal: AbortSignal;
}) => Promise<AnswerResult>;

/** Answers infer requests: finds the model, checks the question, and never works on more than `maxInFlight` at once. */
export function makeAnswer(ports: {
  readonly modelOf: (name: string) => Model | undefined;
  readonly maxInFlight: number;
}): Answer {
  let inFlight = 0;
  return async ({ modelName, json, signal }) => {
    const model = ports.modelOf(modelName);
    if (model === undefined) return refused(404, 'MODEL_UNKNOWN', `this miner serves no model ${modelName}`);
    const read = readInferRequest(json, model.inputs);
    if (!read.ok) return refused(400, 'INVALID_REQUEST', `${read.refusal.field} ${read.refusal.message}`);
    if (inFlight >= ports.maxInFlight) {
      return refused(503, 'OVERLOADED', `${ports.maxInFlight} requests are in work: try again or ask another miner`);
    }
    inFlight++;
    try {
      const answer = await model.run(read.request.inputs, signal);
      if (answer.kind === 'nothing') return { kind: 'nothing', model };
      const { id } = read.request;
      return { kind: 'answer', model, json: inferResponse({ model: modelName, id, outputs: answer.outputs }) };
    } finally {
      inFlight--;
    }
  };
}

function refused(status: 400 | 404 | 503, reason: string, message: string): AnswerResult {
  return { kind: 'refused', status, reason, message };
}
