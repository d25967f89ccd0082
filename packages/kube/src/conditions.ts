/** `metav1.Condition`. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** What a reconciler judged; when it changed is for `mergeConditions` to say. */
export type Judgement = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * Conditions for a status. `lastTransitionTime` moves only when a condition's status does, so an
 * unchanged judgement gives an unchanged status. Types that are no longer judged are left out.
 */
export function mergeConditions(options: {
  readonly previous: readonly Condition[];
  readonly judgements: readonly Judgement[];
  readonly generation: number;
  readonly now: Date;
}): readonly Condition[] {
  const now = `${options.now.toISOString().slice(0, 19)}Z`;
  return options.judgements.map((judgement) => {
    const before = options.previous.find((condition) => condition.type === judgement.type);
    const lastTransitionTime = before?.status === judgement.status ? before.lastTransitionTime : now;
    return { ...judgement, lastTransitionTime, observedGeneration: options.generation };
  });
}

/** Judgements whose status or reason differs from before: what an event is worth. */
export function transitions(previous: readonly Condition[], judgements: readonly Judgement[]): readonly Judgement[] {
  return judgements.filter((judgement) => {
    const before = previous.find((condition) => condition.type === judgement.type);
    return before?.status !== judgement.status || before.reason !== judgement.reason;
  });
}
