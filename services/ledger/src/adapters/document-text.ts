/** A bigint in a document's JSON: `{"$bigint": "123"}`, since JSON numbers would round it. */
const BIGINT_KEY = '$bigint';

/** The text of a row of the economy's tables. */
export function documentText(row: unknown): string {
  return JSON.stringify(row, (_key, value: unknown) =>
    typeof value === 'bigint' ? { [BIGINT_KEY]: value.toString() } : value,
  );
}

/** The row of such a text. */
export function documentOfText(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !(BIGINT_KEY in value)) return value;
    return BigInt(String(value[BIGINT_KEY]));
  });
}
