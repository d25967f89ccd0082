import { readFileSync } from 'node:fs';
import type { KeyScheme } from '@subnetes/keys/key-pair';
import { signMessage, verifyMessage } from '@subnetes/keys/signed-message';
import { publicKeyOf } from '@subnetes/keys/ss58';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { readPassphrase } from '../io.ts';
import { factLines } from '../table.ts';
import { readWallet, unlockWallet } from '../wallet-store.ts';

/** The message itself, or a file that holds it. */
export interface MessageOptions {
  readonly message: string | undefined;
  readonly file: string | undefined;
}

export interface VerifyOptions extends MessageOptions {
  readonly address: string;
  /** 128 hexadecimal digits. */
  readonly signature: string;
  /** An address does not tell how its key signs. */
  readonly scheme: KeyScheme;
}

/** `subnetes wallet sign`: shows that a wallet says something. No such signature is an order. */
export async function signText(context: CommandContext, options: MessageOptions & { wallet: string }): Promise<void> {
  const message = messageOf(options);
  const file = readWallet(context.walletDir, options.wallet);
  const passphrase = await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false });
  const signature = `0x${Buffer.from(signMessage(message, await unlockWallet(file, passphrase))).toString('hex')}`;
  print(context, {
    value: { address: file.address, signature },
    lines: factLines([
      ['address', file.address],
      ['signature', signature],
    ]),
  });
}

/** `subnetes wallet verify`: asks no server and no wallet. */
export async function verifyText(context: CommandContext, options: VerifyOptions): Promise<void> {
  const message = messageOf(options);
  if (publicKeyOf(options.address) === undefined)
    throw usageFailure(`${options.address} is no SS58 address with prefix 42`);
  const hex = /^(?:0x)?([0-9a-fA-F]{128})$/.exec(options.signature)?.[1];
  if (hex === undefined) throw usageFailure('--signature must be 128 hexadecimal digits');
  if (!verifyMessage(message, Buffer.from(hex, 'hex'), options.address, options.scheme)) {
    throw new Failure({
      code: 'BAD_SIGNATURE',
      message: `${options.address} has not signed this message`,
      exitCode: EXIT.checkFailed,
      remedy: 'compare the message to the last character: a line end counts',
    });
  }
  print(context, {
    value: { ok: true, address: options.address },
    lines: [`✔ ${options.address} has signed this message.`],
  });
}

function messageOf({ message, file }: MessageOptions): Uint8Array {
  if ((message === undefined) === (file === undefined)) {
    throw usageFailure('what is the message?', 'give it with --message TEXT or with --file PATH');
  }
  return message === undefined ? readMessage(file ?? '') : new TextEncoder().encode(message);
}

function readMessage(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw usageFailure(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
