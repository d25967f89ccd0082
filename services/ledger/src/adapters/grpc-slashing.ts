import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { invalidField } from '@subnetes/proto/rpc-error';
import type {
  Slashing as SlashingService,
  SubmitEvidenceRequest,
} from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import type { Sequencer } from '#application/sequencer.ts';
import { accept } from '#domain/book/refusal.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { leftSlashes, listSlashes, placeInList, slashUnknown } from '#domain/slashing/decide.ts';
import { reportEvidence, type ScoringEvidence } from '#domain/slashing/report.ts';
import type { Slash } from '#domain/slashing/slash.ts';
import type { Access } from './grpc-access.ts';
import { accountField, countField, netuidField, sizeField } from './grpc-fields.ts';
import { answered, type CountRefusal, valueOf } from './grpc-refusals.ts';
import { pageToken, placeOfToken } from './page-token.ts';
import { slashingTermsToWire, slashToWire, slashTypeFromWire, unbondingToWire } from './wire-slashing.ts';

export interface SlashingPorts {
  readonly sequencer: Sequencer;
  readonly access: Access;
  readonly countRefusal: CountRefusal;
}

const HASH_BYTES = 32;

/** The whole service `subnetes.ledger.v1.Slashing`. */
export function slashingHandlers(ports: SlashingPorts): RpcHandlers<typeof SlashingService> {
  const read = <T>(query: (ledger: Ledger) => T): Promise<T> => answered(ports.sequencer.read(query));
  return {
    getSlashingTerms: () => read(slashingTermsToWire),
    listSlashes: async ({ page, netuid, hotkey, openOnly }) => {
      if (hotkey !== '') accountField('hotkey', hotkey);
      const wanted = { netuid: netuid === undefined ? undefined : netuidField(netuid), hotkey, openOnly };
      const size = sizeField('page.size', page?.size ?? 0);
      const query = ['slashes', netuid ?? '', hotkey, openOnly];
      const after = placeOfToken(query, page?.token ?? '');
      return read((ledger) => {
        const all = listSlashes(ledger, wanted);
        // The one that a page ended with may have left meanwhile: its place is told by its block and its id.
        const rest = after === undefined ? all : all.filter((slash) => placeInList(slash) > after);
        const shown = rest.slice(0, size);
        const last = shown.at(-1);
        return {
          slashes: shown.map(slashToWire),
          nextPageToken: rest.length > size && last !== undefined ? pageToken(query, placeInList(last)) : '',
          block: BigInt(ledger.block),
          keptFromBlock: BigInt(ledger.slashesKeptFrom),
          left: BigInt(leftSlashes(ledger, wanted.netuid)),
        };
      });
    },
    getSlash: async ({ slashId }) => {
      const id = hexField('slash_id', slashId);
      return slashToWire(
        await valueOf(
          read((ledger) => slashOf(ledger, id)),
          ports.countRefusal,
        ),
      );
    },
    listUnbonding: async ({ coldkey }) => {
      const wallet = accountField('coldkey', coldkey);
      return read((ledger) => unbondingToWire(ledger, wallet));
    },
    submitEvidence: async (request, call) => {
      ports.access.demand('scoring', call);
      const evidence = evidenceField(request);
      const reported = await valueOf(
        ports.sequencer.submit({ run: (ledger) => reportEvidence(ledger, evidence) }),
        ports.countRefusal,
      );
      return { slash: slashToWire(reported.slash), repeatedCall: reported.repeated };
    },
  };
}

function slashOf(ledger: Ledger, id: string) {
  const slash: Slash | undefined = ledger.slashes.get(id);
  return slash === undefined ? slashUnknown(id) : accept(slash);
}

function evidenceField(request: SubmitEvidenceRequest): ScoringEvidence {
  const type = slashTypeFromWire(request.type);
  if (type === undefined || type === 'DoubleSigning') {
    throw invalidField('type', 'must be of what scoring measures: FAILED_AUDITS, DEVIATION or UNAVAILABLE');
  }
  const [fromEpoch, toEpoch] = [
    countField('from_epoch', request.fromEpoch),
    countField('to_epoch', request.toEpoch),
  ] as const;
  if (fromEpoch < 1 || toEpoch < fromEpoch) throw invalidField('to_epoch', 'must not be before from_epoch, from 1 on');
  return {
    type,
    netuid: netuidField(request.netuid),
    hotkey: accountField('hotkey', request.hotkey),
    registrationId: hexField('registration_id', request.registrationId),
    offenceBlock: countField('offence_block', request.offenceBlock),
    fromEpoch,
    toEpoch,
    measured: countField('measured', request.measured),
    evidenceSha256: hexField('evidence_sha256', request.evidenceSha256),
  };
}

function hexField(field: string, bytes: Uint8Array): string {
  if (bytes.length !== HASH_BYTES) throw invalidField(field, `must be ${HASH_BYTES} bytes, not ${bytes.length}`);
  return Buffer.from(bytes).toString('hex');
}
