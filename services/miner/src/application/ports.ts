import type { Tensor, TensorSpec } from '#domain/tensor.ts';

/** What a model says to a question: tensors, or nothing at all, which only a script does. */
export type ModelAnswer =
  | { readonly kind: 'tensors'; readonly outputs: ReadonlyMap<string, Tensor> }
  | { readonly kind: 'nothing' };

/** A model that is loaded and serves one mechanism. */
export type Model = {
  readonly mechanismId: number;
  /** For people and metrics: Onnx or Script. */
  readonly format: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly run: (inputs: ReadonlyMap<string, Tensor>, signal: AbortSignal) => Promise<ModelAnswer>;
};

/** Who may open a session, and what holds at the moment, as the ledger tells it. */
export type Market = {
  /** Undefined until the ledger was heard. */
  readonly block: () => bigint | undefined;
  /** A neuron that may ask: a validator by permit or stake. By registration id in hexadecimal. */
  readonly asker: (registrationId: string) => { readonly hotkey: string } | undefined;
  /** Which mechanism a model's name, short or public, belongs to. */
  readonly mechanismOf: (modelName: string) => number | undefined;
};

/** Turns a session into text that only this miner can read, in each of its replicas and after a restart. */
export type SessionSeal = {
  readonly seal: (session: Session) => string;
  /** Undefined for anything that this miner did not seal. */
  readonly open: (token: string) => Session | undefined;
};

export type Session = {
  readonly secret: Uint8Array;
  readonly expiresAtMs: number;
  /** `gateway`, or the validator's hotkey. */
  readonly peer: string;
};
