/**
 * Messages of PostgreSQL's protocol (version 3) from a client, as far as a batch needs them: the driver sends one statement
 * after the other and has no call for COPY. See "Message Formats" in PostgreSQL's manual. All text is UTF-8.
 */
export type Message = readonly [code: 'B' | 'c' | 'd' | 'E' | 'P' | 'S', ...body: readonly Field[]];

/** A zero-terminated text, an integer of 2 or 4 bytes, a text that its length precedes, or bytes that the message's end ends. */
type Field =
  | { readonly text: string }
  | { readonly int16: number }
  | { readonly int32: number }
  | { readonly counted: string }
  | { readonly rest: Uint8Array };

/** Names a statement for `bind`; the server infers the types of its parameters. */
export function parse(name: string, statement: string): Message {
  return ['P', { text: name }, { text: statement }, { int16: 0 }];
}

/** Gives a named statement its parameters, as text, and makes it the one that `execute` runs. */
export function bind(name: string, values: readonly string[]): Message {
  const parameters = values.map((counted) => ({ counted }));
  return ['B', { text: '' }, { text: name }, { int16: 0 }, { int16: values.length }, ...parameters, { int16: 0 }];
}

export function execute(): Message {
  return ['E', { text: '' }, { int32: 0 }];
}

export function copyData(lines: Uint8Array): Message {
  return ['d', { rest: lines }];
}

export function copyDone(): Message {
  return ['c'];
}

/** Ends a list of statements: without BEGIN they are one transaction, which this commits. */
export function sync(): Message {
  return ['S'];
}

/** The messages one behind the other. */
export function bytesOf(messages: readonly Message[]): Buffer {
  const sizes = messages.map(([, ...body]) => body.map(sizeOf));
  const sums = sizes.map((fields) => fields.reduce((sum, size) => sum + size, 4));
  const bytes = Buffer.allocUnsafe(sums.reduce((sum, size) => sum + size + 1, 0));
  let at = 0;
  for (const [index, [code, ...body]] of messages.entries()) {
    bytes.write(code, at, 'latin1');
    at = bytes.writeInt32BE(sums[index] ?? 0, at + 1);
    for (const [field, content] of body.entries()) {
      write(bytes, content, { at, size: sizes[index]?.[field] ?? 0 });
      at += sizes[index]?.[field] ?? 0;
    }
  }
  return bytes;
}

function sizeOf(field: Field): number {
  if ('int16' in field) return 2;
  if ('int32' in field) return 4;
  if ('text' in field) return Buffer.byteLength(field.text) + 1;
  if ('counted' in field) return Buffer.byteLength(field.counted) + 4;
  return field.rest.length;
}

function write(bytes: Buffer, field: Field, { at, size }: { readonly at: number; readonly size: number }): void {
  if ('int16' in field) bytes.writeInt16BE(field.int16, at);
  else if ('int32' in field) bytes.writeInt32BE(field.int32, at);
  else if ('text' in field) {
    bytes.write(field.text, at, 'utf8');
    bytes.writeUInt8(0, at + size - 1);
  } else if ('counted' in field) {
    bytes.writeInt32BE(size - 4, at);
    bytes.write(field.counted, at + 4, 'utf8');
  } else bytes.set(field.rest, at);
}
