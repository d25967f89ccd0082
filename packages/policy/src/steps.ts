/** Work of many runs of the epoch that pauses after each: whoever has other work may do it between two. */
export type Steps<Result> = Generator<void, Result>;

/** All of it at once. */
export function finished<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
