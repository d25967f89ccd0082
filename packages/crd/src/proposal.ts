import { z } from 'zod';
import { atomicList, block, integer, ppm, ss58, text } from './field.ts';
import type { KindDefinition } from './kind-definition.ts';

const statusSchema = z
  .object({
    id: integer({ min: 1, max: 2_147_483_647 }, 'Number of the proposal.').optional(),
    title: text(120, 'What its author calls it.').optional(),
    proposer: ss58('Coldkey of its author.').optional(),
    action: z
      .enum([
        'Network',
        'Emission',
        'Hyperparameters',
        'Policy',
        'Spend',
        'Grant',
        'RevokeGrant',
        'SettleDispute',
        'Unknown',
      ])
      .meta({ description: 'What it changes; subnetes proposal show tells all of it.' })
      .optional(),
    changes: atomicList(text(64, 'Name of a rule, with its value where that is one word.'), {
      max: 16,
      description: 'Rules of the network that it changes.',
    }).optional(),
    state: z
      .enum(['Voting', 'Queued', 'Executed', 'Failed', 'Rejected', 'Expired', 'Vetoed'])
      .meta({ description: 'Where it stands.' })
      .optional(),
    startBlock: block('Whose stake of then votes.').optional(),
    endBlock: block('The first block in which nobody votes any more.').optional(),
    executeBlock: block('When it is carried out, once it has passed.').optional(),
    doneBlock: block('When it came to its last state.').optional(),
    yesPpm: ppm('Of all stake, what voted for it.').optional(),
    noPpm: ppm('Of all stake, what voted against it.').optional(),
    abstainPpm: ppm('Of all stake, what abstained.').optional(),
    quorumPpm: ppm('Of all stake, what has to vote.').optional(),
    thresholdPpm: ppm('Of Yes and No, what Yes has to exceed.').optional(),
    simulated: z.boolean().meta({ description: 'Whether its author attached a simulation.' }).optional(),
    reason: text(1000, 'Why it failed or was stopped.').optional(),
  })
  .meta({ description: 'What the ledger says of it.' });

export const proposalSchema = z.object({ status: statusSchema.optional() }).meta({
  description: 'A proposal that the network votes on, or has voted on; written by the operator, for reading.',
});

export type ProposalStatus = z.infer<typeof statusSchema>;

export const proposalDefinition: KindDefinition = {
  kind: 'Proposal',
  plural: 'proposals',
  singular: 'proposal',
  shortNames: ['prop'],
  scope: 'Cluster',
  schema: proposalSchema,
  selectableFields: [],
  columns: [
    { name: 'State', type: 'string', jsonPath: '.status.state', description: 'Where it stands.' },
    { name: 'Action', type: 'string', jsonPath: '.status.action', description: 'What it changes.' },
    { name: 'Yes', type: 'integer', jsonPath: '.status.yesPpm', description: 'Of all stake, in millionths.' },
    { name: 'No', type: 'integer', jsonPath: '.status.noPpm', description: 'Of all stake, in millionths.' },
    { name: 'Ends', type: 'integer', jsonPath: '.status.endBlock', description: 'Block that ends the vote.' },
    { name: 'Title', type: 'string', jsonPath: '.status.title', description: 'What it is about.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age of the object.' },
  ],
};
