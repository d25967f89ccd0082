import { Failure, EXIT } from './failure.ts';
import type { Io } from './io.ts';
import type { Market } from './market.ts';
import { readEndpoints, type EndpointFlags } from './endpoints.ts';
import { marketAt, marketOfCluster } from './market.ts';
import { defaultWalletDir } from './wallet-store.ts';

/** Options that every command takes. */
export interface GlobalOptions extends EndpointFlags {
  readonly json?: boolean;
  readonly context?: string;
  readonly systemNamespace: string;
  readonly walletDir?: string;
  readonly passphraseFile?: string;
}

/** What a command works with. */
export interface CommandContext {
  readonly io: Io;
  readonly env: NodeJS.ProcessEnv;
  readonly options: GlobalOptions;
  readonly walletDir: string;
  readonly market: Market;
  readonly now: () => number;
}

/** Runs one command with what it needs; closes the connections afterwards. */
export type Run = (options: GlobalOptions, command: (context: CommandContext) => Promise<void>) => Promise<void>;

/** Prints a result: its lines for people, or the value as one line of JSON. */
export function print(
  context: CommandContext,
  result: { readonly value: unknown; readonly lines: readonly string[] },
): void {
  if (context.options.json === true) context.io.out(jsonLine(result.value));
  else for (const line of result.lines) context.io.out(line);
}

/** One line of JSON; bigint become decimal strings. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? member.toString() : member));
}

/** The market by flags, environment, the local cluster's file, or kubectl. */
export function openMarketOf(
  options: GlobalOptions,
  process: { readonly env: NodeJS.ProcessEnv; readonly cwd: string },
): Market {
  const flags: EndpointFlags = Object.fromEntries(
    (['ledger', 'scoring', 'billing', 'gateway'] as const).flatMap((name) =>
      options[name] === undefined ? [] : [[name, options[name]]],
    ),
  );
  const endpoints = options.context === undefined ? readEndpoints({ flags, ...process }) : undefined;
  if (endpoints !== undefined) return marketAt(endpoints);
  return marketOfCluster({ namespace: options.systemNamespace, context: options.context, env: process.env });
}

/** Puts a command's surroundings together. */
export function commandContext(parts: {
  io: Io;
  env: NodeJS.ProcessEnv;
  cwd: string;
  options: GlobalOptions;
  now: () => number;
}): CommandContext {
  const { io, env, options, now } = parts;
  return {
    io,
    env,
    options,
    now,
    walletDir: options.walletDir ?? defaultWalletDir(env),
    market: openMarketOf(options, parts),
  };
}

/** A check that did not pass: the output has told what, the exit code tells programs. */
export function checkFailed(code: string, message: string, remedy?: string): Failure {
  return new Failure({ code, message, exitCode: EXIT.checkFailed, remedy });
}
