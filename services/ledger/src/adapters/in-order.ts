/**
 * Works on up to `limit` items at once and answers in their order. The next item is asked for when there is room for it, so a
 * slow reader of the answers holds back whoever sends items. The first failure ends it; work that has begun goes on unheard.
 */
export async function* inOrder<Item, Answer>(
  items: AsyncIterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Answer>,
): AsyncGenerator<Answer, void, undefined> {
  const source = items[Symbol.asyncIterator]();
  const running: Promise<Answer>[] = [];
  let next: Promise<IteratorResult<Item>> | undefined;
  let isOver = false;
  const take = ({ value, done }: IteratorResult<Item>): void => {
    next = undefined;
    if (done === true) isOver = true;
    else {
      const answer = work(value);
      answer.catch(() => {}); // told when its turn comes; until then it must not count as unhandled
      running.push(answer);
    }
  };
  while (!isOver || running.length > 0) {
    if (!isOver && running.length < limit) next ??= source.next();
    const [first] = running;
    if (next === undefined || first === undefined) {
      if (first === undefined) take(await (next ?? source.next()));
      else yield* oneOf(running);
      continue;
    }
    // Whichever comes first: room is used, and an answer does not wait for the next item.
    const asked = next;
    const isAnswered = await Promise.race([first.then(() => true), asked.then(() => false)]);
    if (isAnswered) yield* oneOf(running);
    else take(await asked);
  }
}

async function* oneOf<Answer>(running: Promise<Answer>[]): AsyncGenerator<Answer, void, undefined> {
  const first = running.shift();
  if (first !== undefined) yield await first;
}
