import { accept, type Decision } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { changeByOwner, type ChangeSubnet } from '../economy/change-by-owner.ts';
import { createByOwner, type CreateSubnet } from '../economy/put-subnet.ts';
import { deregisterByOwner } from '../economy/stake.ts';
import { announceDissolution } from './dissolution.ts';
import { type KeepOrder, keepSubnet } from './keep-subnet.ts';
import { matchEviction, type MatchOrder } from './match-eviction.ts';

/** What a wallet says about how long its neurons and subnets live. */
export type LifeOrder =
  | ({ readonly type: 'MatchEviction' } & MatchOrder)
  | {
      readonly type: 'DissolveSubnet';
      readonly netuid: number;
      /** 0: as soon as the notice allows. */
      readonly atBlock: number;
    }
  | { readonly type: 'Deregister'; readonly netuid: number; readonly hotkey: string }
  | ({ readonly type: 'ChangeSubnet' } & ChangeSubnet)
  | ({ readonly type: 'KeepSubnet' } & KeepOrder)
  | ({ readonly type: 'CreateSubnet' } & CreateSubnet);

/** Answers what the order's entry tells. */
export function carryOutLife(
  ledger: Ledger,
  signer: string,
  order: LifeOrder,
): Decision<Record<string, string | number | bigint>> {
  switch (order.type) {
    case 'MatchEviction': {
      const cost = matchEviction(ledger, signer, order);
      return cost.ok ? accept({ netuid: order.netuid, hotkey: order.hotkey, cost: cost.value }) : cost;
    }
    case 'Deregister': {
      const ended = deregisterByOwner(ledger, signer, order);
      return ended.ok ? accept({ netuid: order.netuid, hotkey: order.hotkey }) : ended;
    }
    case 'ChangeSubnet': {
      const changed = changeByOwner(ledger, signer, order);
      return changed.ok ? accept({ netuid: order.netuid, policyVersion: changed.value.policyVersion }) : changed;
    }
    case 'DissolveSubnet': {
      const subnet = announceDissolution(ledger, signer, order);
      if (!subnet.ok) return subnet;
      return accept({ netuid: order.netuid, atBlock: subnet.value.dissolution?.atBlock ?? 0 });
    }
    case 'CreateSubnet': {
      const subnet = createByOwner(ledger, signer, order);
      if (!subnet.ok) return subnet;
      return accept({ netuid: subnet.value.netuid, handle: order.handle, locked: subnet.value.lock?.rao ?? 0n });
    }
    case 'KeepSubnet': {
      const subnet = keepSubnet(ledger, signer, order);
      return subnet.ok ? accept({ netuid: order.netuid }) : subnet;
    }
  }
}
