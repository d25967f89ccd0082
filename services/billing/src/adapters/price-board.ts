import { create, toBinary } from '@bufbuild/protobuf';
import { ModelPricesSchema, type ModelPrices } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import type { PriceBoard, SubnetTerms } from '../application/ports.ts';
import type { OwnBucket } from './own-bucket.ts';

/** Prices as gateways and people read them. */
export function modelPricesOf({ netuid, policyVersion, models }: SubnetTerms): ModelPrices {
  const lines = Object.entries(models).flatMap(([model, prices]) =>
    prices.map(({ unit, per, priceRao }) => ({ model, unit, per, priceRao: priceRao.toString() })),
  );
  return create(ModelPricesSchema, { netuid, policyVersion, lines });
}

/** Puts prices into the bucket, one key a subnet. */
export function priceBoard(bucket: OwnBucket): PriceBoard {
  return {
    isAsLeft: () => bucket.isAsLeft(),
    publish: (terms) => bucket.put(String(terms.netuid), toBinary(ModelPricesSchema, modelPricesOf(terms))),
  };
}
