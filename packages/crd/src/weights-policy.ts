import { z } from 'zod';
import { integer, sha256, unionMember, withRules } from './field.ts';

const revealPeriodEpochs = integer({ min: 1, max: 100 }, 'Epochs between a commit and its reveal.');

const beaconSchema = withRules(
  z
    .object({
      type: z.enum(['Quicknet', 'Custom']).meta({
        description: 'Quicknet: the public beacon of drand. Custom: another one that signs in the same way.',
      }),
      custom: z
        .object({
          chainHash: sha256("The beacon's chain hash, by which ciphertexts and URLs name it."),
          publicKey: z
            .string()
            .max(192)
            .regex(/^[0-9a-f]{192}$/)
            .meta({ description: "The beacon's public key, a point of G2 in hexadecimal." }),
          genesisTime: integer({ min: 1, max: 4_294_967_295 }, 'Time of round 1 in Unix seconds.'),
          periodSeconds: integer({ min: 1, max: 86_400 }, 'Seconds between two rounds.'),
        })
        .optional()
        .meta({ description: 'Identity of a beacon with the scheme bls-unchained-g1-rfc9380.' }),
    })
    .meta({ description: 'Whose rounds open the weights; absent: quicknet.' }),
  [unionMember('Custom', 'custom')],
);

/** How weights stay unknown to others until they count. `Off` has no fields of its own. */
export const commitRevealSchema = withRules(
  z
    .object({
      type: z.enum(['Off', 'Salted', 'Timelock']).meta({
        description:
          'Off: weights are set in the open. Salted: the hash of salted weights first, the weights later. Timelock: weights locked until a round of a beacon opens them.',
      }),
      salted: z.object({ revealPeriodEpochs }).optional().meta({ description: 'Parameters of salted commits.' }),
      timelock: z
        .object({ revealPeriodEpochs, beacon: beaconSchema.optional() })
        .optional()
        .meta({ description: 'Parameters of time-locked commits.' }),
    })
    .meta({ description: 'How weights stay unknown to others until their reveal.' }),
  [unionMember('Salted', 'salted'), unionMember('Timelock', 'timelock')],
);

/** What becomes of the row in force when a commit is not opened in time. */
export const missedRevealSchema = z.enum(['Keep', 'Zero']).meta({
  description: 'Keep: the row before a missed reveal stays in force. Zero: it is emptied, and the stake votes zero.',
});

/** A new neuron must live until weights that know it can count. */
export function immunityRule(member: 'salted' | 'timelock') {
  return {
    rule:
      `!has(self.immunityPeriodBlocks) || !has(self.tempo) || !has(self.commitReveal) || !has(self.commitReveal.${member})` +
      ` || self.immunityPeriodBlocks > self.tempo * (self.commitReveal.${member}.revealPeriodEpochs + 1)`,
    message: 'immunityPeriodBlocks must be greater than tempo × (revealPeriodEpochs + 1)',
    fieldPath: '.immunityPeriodBlocks',
  };
}
