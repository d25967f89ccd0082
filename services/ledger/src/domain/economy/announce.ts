import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from './ledger.ts';
import { neuronKey, type Endpoint, type Neuron } from './neuron.ts';

const URLS_MAX = 4;
const URL_CHARACTERS_MAX = 256;
const PROTOCOLS: readonly string[] = ['kserve-v2-rest', 'kserve-v2-grpc'];
/** https, a host and a port; no path, no user. Whether the address may be dialled is judged by whoever dials it. */
const URL_PATTERN = /^https:\/\/[A-Za-z0-9.[\]:-]+:[0-9]{1,5}$/;
const SHA256_PATTERN = /^[0-9a-f]{64}$/;
/** Blocks that an announcement may reach into the future: a week at 12 s. */
const EXPIRY_BLOCKS_MAX = 50_400;

/** A verified announcement: the signature was by the neuron's hotkey or by a session key that it certified. */
export interface Announcement extends Endpoint {
  readonly netuid: number;
  readonly hotkey: string;
  readonly registrationId: string;
}

/** Takes a neuron's endpoint. Only the neuron itself can announce it, and only with a rising sequence. */
export function announce(ledger: Ledger, announcement: Announcement): Decision<Neuron> {
  const { netuid, hotkey, registrationId, ...endpoint } = announcement;
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  if (neuron === undefined || neuron.registrationId !== registrationId) {
    return refuse('NOT_REGISTERED', `${hotkey} has no registration ${registrationId} in subnet ${netuid}`);
  }
  const malformed = malformedOf(endpoint, ledger.block);
  if (malformed !== undefined) return refuse('INVALID_ARGUMENT', malformed);
  if (endpoint.expiresAtBlock <= ledger.block) {
    return refuse('ENVELOPE_EXPIRED', `the announcement ended at block ${endpoint.expiresAtBlock}: sign a new one`);
  }
  const last = neuron.endpoint;
  if (last !== null && endpoint.sequence <= last.sequence) {
    // The very same bytes again are a retry; anything else under an old sequence is a replay.
    return endpoint.announcement === last.announcement
      ? accept(neuron)
      : refuse('ENVELOPE_REPLAYED', `the announcement's sequence must be above ${last.sequence}`);
  }
  const announced: Neuron = { ...neuron, endpoint };
  ledger.neurons.put(neuronKey(netuid, neuron.uid), announced);
  ledger.journal.write({
    block: ledger.block,
    kind: 'EndpointAnnounced',
    payload: { netuid, uid: neuron.uid, hotkey, registrationId, endpoint },
    event: { kind: 'endpoint', netuid },
  });
  return accept(announced);
}

function malformedOf(endpoint: Endpoint, block: number): string | undefined {
  if (endpoint.urls.length === 0 || endpoint.urls.length > URLS_MAX) return `urls must be 1 to ${URLS_MAX}`;
  const badUrl = endpoint.urls.find((url) => url.length > URL_CHARACTERS_MAX || !URL_PATTERN.test(url));
  if (badUrl !== undefined) return 'urls must look like https://host:port';
  if (!SHA256_PATTERN.test(endpoint.spkiSha256)) return 'spki_sha256 must be 32 bytes';
  if (endpoint.protocols.length === 0 || !endpoint.protocols.every((protocol) => PROTOCOLS.includes(protocol))) {
    return `protocols must be among ${PROTOCOLS.join(', ')}`;
  }
  if (new Set(endpoint.protocols).size < endpoint.protocols.length) return 'protocols must differ from each other';
  if (endpoint.expiresAtBlock > block + EXPIRY_BLOCKS_MAX) {
    return `expires_at_block may be at most ${EXPIRY_BLOCKS_MAX} blocks away`;
  }
  return undefined;
}
