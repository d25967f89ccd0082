import { readFileSync } from 'node:fs';
import { create, fromJson, type JsonValue, type MessageInitShape, toJson } from '@bufbuild/protobuf';
import { publicKeyOf } from '@subnetes/keys/ss58';
import { amountText } from '@subnetes/money/amount';
import {
  HyperparameterChangesSchema,
  type ProposalAction,
  ProposalActionSchema,
} from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { EXIT, Failure, usageFailure } from './failure.ts';
import { networkChangesOf, networkTexts } from './network-changes.ts';
import { raoOf } from './number-text.ts';
import { raoOfOption } from './token-amount.ts';

/** What a proposal does, as it is said on the command line: exactly one of them. */
export interface ActionOptions {
  /** File with an action as protobuf's JSON. */
  readonly action: string | undefined;
  /** Whole tokens out of the treasury. */
  readonly spend: string | undefined;
  readonly grant: string | undefined;
  readonly to: string | undefined;
  readonly cliffBlocks: number;
  readonly vestingBlocks: number | undefined;
  readonly revokeGrant: number | undefined;
  readonly netuid: number | undefined;
  /** Coldkey whose disputed swap ends. */
  readonly settleDispute: string | undefined;
  /** NAME=VALUE of what only the network changes: of a market where one is named, else of itself. */
  readonly set: readonly string[];
}

export function actionOf(options: ActionOptions): ProposalAction {
  const { action, spend, grant, revokeGrant, settleDispute, set } = options;
  const asked = [action, spend, grant, revokeGrant, settleDispute, set.length === 0 ? undefined : set].filter(
    (each) => each !== undefined,
  );
  if (asked.length !== 1) {
    throw usageFailure(
      'a proposal does one thing',
      'name one of --action FILE, --spend, --grant, --revoke-grant, --settle-dispute, or --set, with --netuid for a subnet',
    );
  }
  if (action !== undefined) return actionOfFile(action);
  if (spend !== undefined) {
    return made({ case: 'spend', value: { to: payee(options), amountRao: positive('--spend', spend) } });
  }
  if (grant !== undefined) {
    const { cliffBlocks, vestingBlocks } = options;
    if (vestingBlocks === undefined) throw usageFailure('--grant needs --vesting-blocks');
    const amountRao = positive('--grant', grant);
    return made({ case: 'grant', value: { to: payee(options), amountRao, cliffBlocks, vestingBlocks } });
  }
  if (revokeGrant !== undefined) return made({ case: 'revokeGrant', value: { grant: BigInt(revokeGrant) } });
  if (settleDispute !== undefined) {
    if (publicKeyOf(settleDispute) === undefined) {
      throw usageFailure(`--settle-dispute ${settleDispute.slice(0, 80)} is no SS58 address`);
    }
    return made({ case: 'settleDispute', value: { coldkey: settleDispute } });
  }
  const { netuid } = options;
  if (netuid === undefined) return made({ case: 'network', value: networkChangesOf(set) });
  return made({ case: 'hyperparameters', value: changesOf(netuid, set) });
}

/** What it does in one line, for people. */
export function actionText({ action }: ProposalAction, asset: string): string {
  const tokens = (rao: string): string => amountText({ asset, units: raoOf(rao) });
  switch (action.case) {
    case 'spend':
      return `pays ${tokens(action.value.amountRao)} of the treasury to ${action.value.to}`;
    case 'grant': {
      const { to, amountRao, cliffBlocks, vestingBlocks } = action.value;
      return `grants ${tokens(amountRao)} of the treasury to ${to}, free over ${vestingBlocks} blocks, nothing before ${cliffBlocks}`;
    }
    case 'revokeGrant':
      return `revokes grant ${action.value.grant}`;
    case 'settleDispute':
      return `ends the disputed swap of the coldkey ${action.value.coldkey} without the swap`;
    case 'emission':
      return `splits blocks by ${action.value.policy?.name ?? ''} from block ${action.value.fromBlock} on`;
    case 'hyperparameters': {
      const { netuid, $typeName: _type, $unknown: _unknown, ...changes } = action.value;
      const given = Object.entries(changes).filter(([, value]) => value !== undefined);
      return `sets ${given.map(([name, value]) => `${name}=${value}`).join(', ')} of subnet ${netuid}`;
    }
    case 'policy':
      return `gives subnet ${action.value.netuid} another policy`;
    case 'network':
      return networkTexts(action.value, asset).join('; ');
    case undefined:
      return 'does what this version does not know';
  }
}

/** The action as protobuf's JSON: what `--action` takes. */
export function actionJson(action: ProposalAction): JsonValue {
  return toJson(ProposalActionSchema, action);
}

function made(action: NonNullable<MessageInitShape<typeof ProposalActionSchema>['action']>): ProposalAction {
  return create(ProposalActionSchema, { action } as never);
}

function actionOfFile(file: string): ProposalAction {
  try {
    return fromJson(ProposalActionSchema, JSON.parse(readFileSync(file, 'utf8')) as JsonValue);
  } catch (cause) {
    throw new Failure({
      code: 'ACTION_FILE',
      message: `${file} holds no action: ${cause instanceof Error ? cause.message : ''}`,
      exitCode: EXIT.usage,
      remedy: 'write it as {"spend": {"to": "5…", "amountRao": "1000000000"}}; see docs/guides/governance.md',
      cause,
    });
  }
}

function changesOf(netuid: number, set: readonly string[]) {
  const known = HyperparameterChangesSchema.fields.map(({ jsonName }) => jsonName).filter((name) => name !== 'netuid');
  const changes = set.map((text) => {
    const [, name = '', value = ''] = /^([A-Za-z0-9]+)=([0-9]{1,20})$/.exec(text) ?? [];
    if (!known.includes(name)) {
      throw usageFailure(
        `--set ${text.slice(0, 80)}: write NAME=VALUE, where NAME is one of ${known.join(', ')} and VALUE a whole number`,
        'all else is the owner’s to change; a whole policy goes by --action',
      );
    }
    return [name, name === 'stakeThresholdRao' ? value : Number(value)] as const;
  });
  return { netuid, ...Object.fromEntries(changes) };
}

function payee({ to }: ActionOptions): string {
  if (to === undefined) throw usageFailure('who is paid?', 'name an account with --to ADDRESS');
  return to;
}

function positive(option: string, text: string): string {
  const rao = raoOfOption(option, text);
  if (rao === 0n) throw usageFailure(`${option} must be above zero`);
  return rao.toString();
}
