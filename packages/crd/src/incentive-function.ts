import { FUEL_MAX } from '@subnetes/incentive/limits';
import { z } from 'zod';
import { integer, objectName, sha256, text } from './field.ts';
import type { CelRule } from './field.ts';

/** The owner's own division among miners, by digest, and where its bytes are. */
export const incentiveFunctionSchema = z
  .object({
    sha256: sha256('Hash of the module; any other is refused.'),
    configMapRef: z
      .object({
        name: objectName('Name of a ConfigMap in the same namespace.'),
        key: text(253, 'Key of its binaryData that holds the module.').regex(/^[-._a-zA-Z0-9]+$/),
      })
      .optional()
      .meta({ description: 'Where the module is; absent: its owner publishes it with `subnetes function publish`.' }),
    fuel: integer(
      { min: 1, max: FUEL_MAX },
      'What one run may take. All mechanisms together may not take more than the maximum.',
    ).optional(),
    passWeights: z.boolean().optional().meta({ description: 'Hands it the weights too.' }),
  })
  .meta({ description: 'A WebAssembly module that divides the incentives among miners, after all countermeasures.' });

/** At the policy: a function runs once a mechanism, and an epoch has the time of one with the most fuel. */
export const fuelRule: CelRule = {
  rule:
    '!has(self.incentiveFunction) || !has(self.incentiveFunction.fuel)' +
    ` || self.incentiveFunction.fuel * size(self.mechanisms) <= ${FUEL_MAX}`,
  message: `fuel × mechanisms must be at most ${FUEL_MAX}`,
  fieldPath: '.incentiveFunction.fuel',
};
