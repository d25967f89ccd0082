import type { Network } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';

/** Parts per million as a percentage with the digits that it needs: `70 %`, `33.3334 %`. */
export function ppmText(ppm: number): string {
  return `${ppm / 10_000} %`;
}

/** How blocks are split, in words. */
export function emissionText({ emissionPolicy, emissionBasis, emissionEpoch }: Network): string {
  if (emissionBasis === 'RootWeights') return `by the weights of epoch ${emissionEpoch} of the root network`;
  if (emissionBasis === 'EqualUntilRootWeights') {
    return 'in equal parts, since the members of the root network have not agreed on weights yet';
  }
  if (emissionBasis === 'Utility') return 'by the network fees that use of each subnet burned, the rest in equal parts';
  if (emissionBasis === 'EqualUntilUtility')
    return 'in equal parts, since no use of a subnet has burned fees to follow';
  if (emissionBasis === 'MovingPrice') return 'by the moving prices of the subnets’ tokens';
  if (emissionBasis === 'EqualUntilMovingPrice') return 'in equal parts, since no token has a moving price yet';
  if (emissionBasis === 'Flow') return 'by what traders put into the subnets’ pools';
  if (emissionBasis === 'EqualUntilFlow') return 'in equal parts, since no flow into a pool is above the others';
  return emissionPolicy === 'Equal' || emissionPolicy === '' ? 'in equal parts' : `by ${emissionPolicy}`;
}
