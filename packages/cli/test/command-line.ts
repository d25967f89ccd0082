import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../src/main.ts';
import { startFakeMarket, type FakeMarket } from './fake-market.ts';

/** What one command line did. */
export interface Told {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  readonly questions: readonly string[];
  json(): Record<string, unknown>;
}

/** The program with a market and a folder of its own. */
export interface CommandLine extends AsyncDisposable {
  readonly market: FakeMarket;
  readonly folder: string;
  /** Flags that keep wallets in the folder and open them. */
  readonly wallets: readonly string[];
  /** What a person answers when asked. */
  answersYes: boolean;
  run(...args: readonly string[]): Promise<Told>;
}

/** Opens both; disposing closes the market and removes the folder. */
export async function openCommandLine(): Promise<CommandLine> {
  const market = await startFakeMarket();
  const folder = mkdtempSync(join(tmpdir(), 'subnetes-cli-'));
  writeFileSync(join(folder, 'passphrase'), 'correct horse\n');
  const { address } = market;
  const env = {
    SUBNETES_LEDGER: address,
    SUBNETES_SCORING: address,
    SUBNETES_BILLING: address,
  };
  const line: CommandLine = {
    market,
    folder,
    wallets: ['--wallet-dir', join(folder, 'wallets'), '--passphrase-file', join(folder, 'passphrase')],
    answersYes: false,
    async run(...args) {
      const out: string[] = [];
      const err: string[] = [];
      const questions: string[] = [];
      const io = {
        hasTerminal: true,
        out: (text: string) => void out.push(text),
        err: (text: string) => void err.push(text),
        async confirm(question: string) {
          questions.push(question);
          return line.answersYes;
        },
        async askSecret(): Promise<string> {
          throw new Error('the test gives a passphrase file');
        },
      };
      const exitCode = await main(args, { io, env, cwd: folder, now: Date.now });
      return {
        exitCode,
        out: out.join('\n'),
        err: err.join('\n'),
        questions,
        json: () => JSON.parse(out.join('')) as Record<string, unknown>,
      };
    },
    async [Symbol.asyncDispose]() {
      await market[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
  return line;
}
