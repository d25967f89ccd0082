/** One thing that a person may be told while the cluster is set up. `durationMs` is set once the step has ended. */
export type ProgressEvent = {
  readonly step: string;
  readonly state: 'started' | 'progress' | 'done' | 'failed';
  readonly detail?: string;
  readonly durationMs?: number;
};

/** Receives progress in order; must not throw. */
export type OnProgress = (event: ProgressEvent) => void;

/** For callers that want no progress. */
export const silent: OnProgress = () => undefined;

/** Runs `work` as one step: reports its start, its end or its failure, and how long it took. */
export async function inStep<Result>(
  step: string,
  onProgress: OnProgress,
  work: (report: (detail: string) => void) => Promise<Result>,
): Promise<Result> {
  const startedMs = performance.now();
  const durationMs = (): number => Math.round(performance.now() - startedMs);
  onProgress({ step, state: 'started' });
  try {
    const result = await work((detail) => onProgress({ step, state: 'progress', detail }));
    onProgress({ step, state: 'done', durationMs: durationMs() });
    return result;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    onProgress({ step, state: 'failed', detail, durationMs: durationMs() });
    throw error;
  }
}
