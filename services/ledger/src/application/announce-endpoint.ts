import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  EnvelopeType,
  type SignedEnvelope,
  SignedEnvelopeSchema,
} from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { type Announcement, AnnouncementSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import { announce } from '#domain/economy/announce.ts';
import { type NeuronView, neuronView } from '#domain/economy/views.ts';
import { readSigned } from './read-signed.ts';
import type { Sequencer } from './sequencer.ts';

/** Takes a neuron's own word for where it serves, signed by its hotkey or by a session key that the hotkey certified. */
export function makeAnnounce(ports: { readonly sequencer: Sequencer; readonly networkId: Uint8Array }) {
  return async (netuid: number, envelope: SignedEnvelope | undefined): Promise<Decision<NeuronView>> => {
    const known = await ports.sequencer.read((ledger) => ({
      block: ledger.block,
      registrationId: ledger.neuronByHotkey(netuid, envelope?.signer ?? '')?.registrationId,
    }));
    if (known.registrationId === undefined) {
      return refuse('NOT_REGISTERED', `${envelope?.signer ?? 'nobody'} is not registered in subnet ${netuid}`);
    }
    const verified = readSigned(
      envelope,
      { networkId: ports.networkId, block: known.block },
      { type: EnvelopeType.ANNOUNCE, registrationId: Buffer.from(known.registrationId, 'hex') },
    );
    if (!verified.ok) return verified;
    if (envelope === undefined) throw new Error('an envelope that is missing was verified');
    const announcement = readAnnouncement(verified.value.payload);
    if (announcement === undefined) return refuse('MALFORMED_ENVELOPE', 'the payload is no Announcement');
    return ports.sequencer.submit({
      run: (ledger) => {
        const announced = announce(ledger, {
          netuid,
          hotkey: verified.value.signer,
          registrationId: Buffer.from(envelope.registrationId).toString('hex'),
          urls: announcement.urls,
          spkiSha256: Buffer.from(announcement.spkiSha256).toString('hex'),
          protocols: announcement.protocols,
          sequence: verified.value.sequence,
          expiresAtBlock: verified.value.expiresAtBlock,
          announcement: Buffer.from(toBinary(SignedEnvelopeSchema, envelope)).toString('base64'),
        });
        return announced.ok ? accept(neuronView(ledger, announced.value)) : announced;
      },
    });
  };
}

function readAnnouncement(payload: Uint8Array): Announcement | undefined {
  try {
    return fromBinary(AnnouncementSchema, payload);
  } catch {
    return undefined; // not that message: the caller is told so by undefined
  }
}
