import pg from 'pg';
import type { Step } from './sql.ts';
import { bind, bytesOf, copyData, copyDone, execute, type Message, parse, sync } from './wire-messages.ts';

/** What a query of a class of one's own is given by pg's client; its types leave most of it out. */
interface Connection {
  readonly stream: { write(bytes: Buffer): boolean };
}

/**
 * The steps of a transaction, written at once and answered at once: without BEGIN and up to the message Sync they are one
 * transaction, which an error in any of them takes back as a whole ("Pipelining" in PostgreSQL's manual).
 */
export class StepsQuery extends pg.Query {
  readonly #bytes: Buffer;

  /** `prepared`: names of the statements that the connection knows; those of the steps are added. */
  constructor(steps: readonly Step[], prepared: Set<string>) {
    super('');
    this.#bytes = bytesOf([...steps.flatMap((step) => messagesOf(step, prepared)), sync()]);
  }

  // A property, as in pg's types.
  override submit = (connection: Connection): null => {
    connection.stream.write(this.#bytes);
    return null;
  };

  /** The rows are on their way already. */
  handleCopyInResponse(): void {}

  /** One for each step; only the end of all counts. */
  handleCommandComplete(): void {}
}

function messagesOf(step: Step, prepared: Set<string>): readonly Message[] {
  const isInsert = step.kind === 'insert';
  const text = isInsert ? `COPY ${step.target} FROM STDIN` : step.text;
  const known = prepared.has(step.name);
  prepared.add(step.name);
  return [
    ...(known ? [] : [parse(step.name, text)]),
    bind(step.name, isInsert ? [] : step.values),
    execute(),
    ...(isInsert ? [copyData(step.lines), copyDone()] : []),
  ];
}
