import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { EXIT, Failure, usageFailure } from './failure.ts';

const FORMAT = 'subnetes/spend-session/v1';
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const HASH = z.string().regex(/^[0-9a-f]{64}$/);

const fileSchema = z.object({
  format: z.literal(FORMAT),
  /** Of the genesis that it was signed for. */
  networkId: HASH,
  sessionId: HASH,
  /** SS58 of whose money it spends. */
  wallet: z.string(),
  /** ed25519; whoever reads it can spend within the session's limits. */
  secretKey: HASH,
});

/** A session as the machine that spends has it. */
export type SessionFile = Omit<z.output<typeof fileSchema>, 'format'>;

/** Sessions lie beside the wallets. They are not encrypted: what they may spend is limited, and no person is there when they do. */
export function sessionPath(walletDir: string, name: string): string {
  if (!NAME.test(name)) {
    throw usageFailure(`"${name}" is no session name`, 'use lower-case letters, digits and dashes, at most 63');
  }
  return join(folderOf(walletDir), `${name}.json`);
}

/** Writes a session that only its owner can read; refuses to replace one. */
export function saveSession(path: string, file: SessionFile): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, `${JSON.stringify({ format: FORMAT, ...file }, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new Failure({
      code: 'SESSION_EXISTS',
      message: `${path} is there already`,
      exitCode: EXIT.refused,
      remedy: 'choose another --name; once its session has ended the file can be deleted',
    });
  }
}

export function removeSession(path: string): void {
  rmSync(path, { force: true });
}

export function readSessionFile(walletDir: string, name: string): SessionFile {
  const path = sessionPath(walletDir, name);
  const known = sessionNames(walletDir);
  const refuse = (message: string, cause?: unknown): Failure =>
    new Failure({
      code: 'SESSION_FILE',
      message,
      exitCode: EXIT.refused,
      remedy:
        known.length === 0
          ? 'open one: subnetes session open, or bring its file here'
          : `there are: ${known.join(', ')}`,
      cause,
    });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw refuse(`no session ${name} can be read in ${folderOf(walletDir)}`, cause);
  }
  const parsed = fileSchema.safeParse(jsonOf(text));
  // Of the content nothing is shown: it has a key in it.
  if (!parsed.success) throw refuse(`${path} is no file of a session`);
  const { networkId, sessionId, wallet, secretKey } = parsed.data;
  return { networkId, sessionId, wallet, secretKey };
}

/** Names of the sessions beside a folder of wallets; none where there is no folder. */
export function sessionNames(walletDir: string): readonly string[] {
  try {
    return readdirSync(folderOf(walletDir))
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .toSorted();
  } catch {
    return []; // no folder yet: no sessions
  }
}

function folderOf(walletDir: string): string {
  return join(dirname(walletDir), 'sessions');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it; the parser's own message would show the content
  }
}
