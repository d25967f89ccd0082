/** Longest line of a watch: an object is at most 1.5 MiB in etcd, twice that escaped. */
export const LINE_BYTES_MAX = 8 * 1024 * 1024;

/**
 * JSON values of a stream that carries one in each line.
 *
 * @throws Error for a line over the limit, SyntaxError for what is not JSON; a last line without
 *   its newline is a cut-off value and is dropped.
 */
export async function* readJsonLines<T>(body: AsyncIterable<Uint8Array>): AsyncGenerator<T, void, undefined> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of body) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = Buffer.concat([...pending, rest.subarray(0, end)]).toString('utf8');
      pending = [];
      pendingBytes = 0;
      rest = rest.subarray(end + 1);
      if (line.trim() !== '') yield JSON.parse(line) as T;
    }
    if (rest.byteLength === 0) continue;
    pending.push(rest);
    pendingBytes += rest.byteLength;
    if (pendingBytes > LINE_BYTES_MAX) throw new Error(`a line is longer than ${LINE_BYTES_MAX} bytes`);
  }
}
