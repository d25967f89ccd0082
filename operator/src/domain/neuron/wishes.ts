import type { ChildShare, NeuronSpec, NeuronWishes } from './neuron.ts';

const [PPM, PROPORTION_WHOLE] = [1_000_000n, (1n << 64n) - 1n];

/** An order that says a wish to the ledger. Proportions of 2^64 - 1. */
export type WishOrder =
  | { readonly type: 'SetAutoStake'; readonly netuid: number; readonly hotkey: string; readonly isOn: boolean }
  | {
      readonly type: 'SetChildren';
      readonly netuid: number;
      readonly hotkey: string;
      readonly children: readonly { readonly hotkey: string; readonly proportion: bigint }[];
    }
  | { readonly type: 'SetChildTake'; readonly netuid: number; readonly hotkey: string; readonly takeU16: number };

interface Wish {
  readonly field: keyof NeuronWishes;
  readonly wanted: NeuronWishes[keyof NeuronWishes];
  /** Begins the id of its orders. */
  readonly id: string;
  readonly order: (place: { readonly netuid: number; readonly hotkey: string }) => WishOrder;
}

/** How a registration begins. */
export const WISHES_BEFORE: Required<NeuronWishes> = { autoStake: false, children: [], childTakeU16: 0 };

/** What a spec wants of the ledger as long as it says so, one after the other. */
export function wishesOf({ stake }: Pick<NeuronSpec, 'stake'>): readonly Wish[] {
  const wishes: Wish[] = [];
  const { auto, children, childTakeU16 } = stake ?? {};
  if (auto !== undefined) {
    const order: Wish['order'] = (place) => ({ type: 'SetAutoStake', ...place, isOn: auto });
    wishes.push({ field: 'autoStake', wanted: auto, id: 'auto-stake', order });
  }
  if (children !== undefined) {
    const order: Wish['order'] = (place) => ({ type: 'SetChildren', ...place, children: children.map(proportionOf) });
    wishes.push({ field: 'children', wanted: children, id: 'children', order });
  }
  if (childTakeU16 !== undefined) {
    const order: Wish['order'] = (place) => ({ type: 'SetChildTake', ...place, takeU16: childTakeU16 });
    wishes.push({ field: 'childTakeU16', wanted: childTakeU16, id: 'child-take', order });
  }
  return wishes;
}

/** The order of children says nothing. */
export function isSameWish(a: NeuronWishes[keyof NeuronWishes], b: NeuronWishes[keyof NeuronWishes]): boolean {
  return wishText(a) === wishText(b);
}

function wishText(wish: NeuronWishes[keyof NeuronWishes]): string {
  return typeof wish === 'object'
    ? wish
        .map(({ hotkey, ppm }) => `${hotkey}=${ppm}`)
        .toSorted()
        .join()
    : String(wish);
}

/** Floored, so that parts that make a whole never exceed it. */
function proportionOf({ hotkey, ppm }: ChildShare): { readonly hotkey: string; readonly proportion: bigint } {
  return { hotkey, proportion: (BigInt(ppm) * PROPORTION_WHOLE) / PPM };
}
