import { toBinary } from '@bufbuild/protobuf';
import { signEnvelope } from '@subnetes/keys/envelope';
import { newHotkeyFile, readHotkeyFile } from '@subnetes/keys/key-file';
import { EnvelopeType, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';

export interface BindHotkeyPorts {
  /** Text of the mounted hotkey file; undefined when there is no Secret yet. */
  readonly readHotkey: () => Promise<string | undefined>;
  /** Makes the Secret; fails when it is there already, so that a key is never replaced. */
  readonly createSecret: (hotkeyFile: string) => Promise<void>;
}

export interface BindingTerms {
  readonly networkId: Uint8Array;
  /** SS58. */
  readonly owner: string;
  readonly sequence: bigint;
  readonly expiresAtBlock: bigint;
}

/** What the key job tells the operator in its termination message. No secret is in it. */
export interface KeyReport {
  /** SS58. */
  readonly hotkey: string;
  /** Base64 of a serialised SignedEnvelope of type HOTKEY_BINDING; its payload is the owner's address. */
  readonly binding: string;
}

/** Takes the hotkey that is there, else makes one, and signs that it belongs to the owner. */
export async function bindHotkey(ports: BindHotkeyPorts, terms: BindingTerms): Promise<KeyReport> {
  let text = await ports.readHotkey();
  if (text === undefined) {
    text = JSON.stringify(newHotkeyFile());
    // The Secret first: a binding of a key that was lost would register it for ever.
    await ports.createSecret(text);
  }
  const pair = readHotkeyFile(text);
  const { networkId, sequence, expiresAtBlock } = terms;
  const payload = new TextEncoder().encode(terms.owner);
  const type = EnvelopeType.HOTKEY_BINDING;
  const envelope = signEnvelope({ networkId, type, sequence, expiresAtBlock, payload }, pair);
  const binding = Buffer.from(toBinary(SignedEnvelopeSchema, envelope)).toString('base64');
  return { hotkey: pair.address, binding };
}
