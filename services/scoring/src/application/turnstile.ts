/** Lets so many pieces of work be under way at once; one more is told to come back, and costs nothing. */
export interface Turnstile {
  /** Undefined when there are too many already. */
  pass<Value>(work: () => Promise<Value>): Promise<Value> | undefined;
}

export function turnstile(atOnce: number): Turnstile {
  let underWay = 0;
  const counted = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    underWay += 1;
    try {
      return await work();
    } finally {
      underWay -= 1;
    }
  };
  return { pass: (work) => (underWay >= atOnce ? undefined : counted(work)) };
}
