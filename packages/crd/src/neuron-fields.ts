import { z } from 'zod';
import {
  duration,
  integer,
  label,
  listMap,
  money,
  netuid,
  objectName,
  setOnce,
  ss58,
  unionMember,
  withRules,
} from './field.ts';

/** Which subnet a neuron belongs to: exactly one of name and netuid. */
export const subnetRefSchema = withRules(
  z
    .object({
      name: label('Name of the Subnet object.').optional(),
      namespace: label("Namespace of the Subnet object; absent: the neuron's own.").optional(),
      netuid: netuid('Number of a subnet that has no Subnet object in this cluster.').optional(),
    })
    .meta({ description: 'The subnet: by name (and namespace), or by netuid for one that lives elsewhere.' }),
  [
    { rule: 'has(self.name) != has(self.netuid)', message: 'exactly one of name and netuid must be set' },
    {
      rule: '!has(self.namespace) || has(self.name)',
      message: 'namespace goes with name only',
      fieldPath: '.namespace',
    },
  ],
);

export const mandateRefSchema = z
  .object({ name: objectName('Name of the ConfigMap in the same namespace; its key `mandate` holds the mandate.') })
  .meta({ description: 'The coldkey-signed mandate under which the ledger lets this object spend.' });

const quantityMap = (description: string) =>
  z
    .record(
      z.string(),
      z.union([z.int(), z.string()]).meta({
        description: 'A Kubernetes quantity, such as 50m or 128Mi.',
        'x-kubernetes-int-or-string': true,
        pattern: '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$',
      }),
    )
    .meta({ description, maxProperties: 16 });

/** Requests and limits of the neuron's container. */
export const resourcesSchema = z
  .object({
    requests: quantityMap('What the container is promised.').optional(),
    limits: quantityMap('What the container may use at most.').optional(),
  })
  .meta({ description: "Resources of the neuron's container; absent values come from the subnet's template." });

const placementSchema = z
  .object({
    spreadOver: z
      .enum(['Zone', 'Node'])
      .optional()
      .meta({ description: 'Spread replicas over zones or nodes, as far as there are several.' }),
  })
  .meta({ description: 'Where pods go.' });

/** How a neuron runs. `External` has no fields: the neuron announces itself. */
export const runtimeSchema = withRules(
  z
    .object({
      type: z
        .enum(['Managed', 'External'])
        .meta({ description: 'Managed: the operator runs it here. External: it runs elsewhere and announces itself.' }),
      managed: z
        .object({
          image: z
            .string()
            .max(512)
            .regex(/@sha256:[0-9a-f]{64}$/)
            .optional()
            .meta({ description: "An image other than the chart's, pinned by digest (…@sha256:…)." }),
          resources: resourcesSchema.optional(),
          placement: placementSchema.optional(),
        })
        .optional()
        .meta({ description: 'How the operator runs it.' }),
    })
    .meta({ description: 'How the neuron runs; absent: managed with the reference image.' }),
  [
    {
      rule: "self.type == 'Managed' || !has(self.managed)",
      message: 'managed may be set only when type is Managed',
      fieldPath: '.managed',
    },
  ],
);

/** What a Subnet gives to the neurons of its own namespace where they leave it open. */
export function neuronTemplateSchema(whom: string) {
  return z
    .object({ resources: resourcesSchema.optional(), placement: placementSchema.optional() })
    .meta({ description: `Defaults for ${whom} in the Subnet's own namespace.` });
}

/** What is done when somebody has paid for the place. */
export function onNoticeSchema(
  stay: 'Match' | 'Keep',
  member: 'match' | 'keep',
  words: { what: string; cost: string },
) {
  return withRules(
    z
      .object({
        type: z.enum(['Leave', stay]).meta({
          description: `Leave: nothing is paid. ${stay}: ${words.what}, by the mandate, where it costs no more than told here.`,
        }),
        [member]: z
          .object({ maxCost: money(words.cost) })
          .optional()
          .meta({ description: 'What staying may cost.' }),
      })
      .meta({ description: 'What is done when a newcomer has paid for the place; absent: Leave.' }),
    [unionMember(stay, member)],
  );
}

const registrationSchema = withRules(
  z
    .object({
      maxCost: money('Highest cost of registering that is paid.').optional(),
      invitation: z
        .string()
        .min(1)
        .max(4096)
        .regex(/^[A-Za-z0-9+/=]+$/)
        .optional()
        .meta({
          description: 'What `subnetes subnet invite` printed, for a subnet whose owner approves who registers.',
        }),
      onEviction: z
        .enum(['Stop', 'Retry'])
        .optional()
        .meta({ description: 'Stop: an evicted neuron is not registered again. Retry: it is, up to maxAttempts.' }),
      maxAttempts: integer(
        { min: 1, max: 100 },
        'Registrations of the hotkey in this subnet in all, as the ledger counts them; each is paid anew.',
      ).optional(),
      onNotice: onNoticeSchema('Match', 'match', {
        what: 'what the newcomer paid is paid, and the neuron stays',
        cost: 'Highest price that is paid to stay, each time.',
      }).optional(),
    })
    .meta({ description: 'What registering may cost and what follows an eviction.' }),
  [
    {
      rule: "(has(self.onEviction) && self.onEviction == 'Retry') == has(self.maxAttempts)",
      message: 'maxAttempts must be set exactly when onEviction is Retry',
      fieldPath: '.maxAttempts',
    },
  ],
);

/** Hotkeys that are given stake, as spec.stake wants it and as it was last set. */
export function childrenSchema(description: string) {
  return listMap(
    z
      .object({
        hotkey: ss58('Address of the child.'),
        ppm: integer({ min: 1, max: 1_000_000 }, 'How much of the stake it is given, in parts per million.'),
      })
      .meta({ description: 'One child.' }),
    { key: 'hotkey', max: CHILDREN_MAX, description },
  );
}

/** Of 65535; the ledger's bound, 18 %. */
export const childTakeSchema = (description: string) => integer({ min: 0, max: 11_796 }, description);

/** By the ledger's rules. */
const CHILDREN_MAX = 5;

const stakeSchema = withRules(
  z
    .object({
      initial: money('Stake that is placed once, after registering.').optional(),
      auto: z.boolean().optional().meta({
        description:
          'Whether what the neuron earns goes onto its stake; set at the ledger once a registration and whenever this changes. Absent: left as it is.',
      }),
      children: childrenSchema(
        'Hotkeys of the same subnet that rate with parts of the stake; ordered once a registration and whenever this changes. Empty: all of it is its own. Absent: left as it is.',
      ).optional(),
      childTakeU16: childTakeSchema(
        "What it keeps of what its parents' stake earns, of 65535; ordered as children are. Absent: left as it is.",
      ).optional(),
    })
    .meta({ description: 'Stake behind the hotkey.' }),
  [
    {
      rule: '!has(self.children) || self.children.map(child, child.ppm).sum() <= 1000000',
      message: 'children are given 1000000 ppm together at most',
      fieldPath: '.children',
    },
  ],
);

/** Fields that Miner and Validator share. */
export const neuronSpecFields = {
  subnetRef: subnetRefSchema,
  mandateRef: mandateRefSchema,
  hotkeySecretRef: z
    .object({ name: objectName('Name of a Secret of type subnetes.io/hotkey in the same namespace.') })
    .optional()
    .meta({ description: 'The hotkey; absent: a key job makes the Secret <name>-hotkey, which stays on delete.' }),
  hotkey: ss58('Address of the hotkey; required for External and for adopting a registration.').optional(),
  registration: registrationSchema.optional(),
  stake: stakeSchema.optional(),
  deletionPolicy: z
    .enum(['Retain', 'Deregister'])
    .optional()
    .meta({ description: 'Retain: the registration outlives this object. Deregister: it ends with it.' }),
  suspend: z.boolean().optional().meta({ description: 'Stops reconciling this object.' }),
  runtime: runtimeSchema.optional(),
};

/** What was last set at the ledger, of what spec.stake wants for good. */
export const neuronWishFields = {
  autoStake: z.boolean().optional().meta({ description: 'What spec.stake.auto last set for this registration.' }),
  children: childrenSchema('What spec.stake.children last ordered for this registration.').optional(),
  childTakeU16: childTakeSchema('What spec.stake.childTakeU16 last set for this registration.').optional(),
};

/** Rules at the spec of every neuron. */
export const neuronSpecRules = [
  setOnce('subnetRef'),
  setOnce('hotkey'),
  setOnce('hotkeySecretRef'),
  {
    rule: "!has(self.runtime) || self.runtime.type != 'External' || has(self.hotkey)",
    message: 'hotkey is required when runtime.type is External',
    fieldPath: '.hotkey',
  },
] as const;

/** Children are named after a neuron: a Service, pods with a suffix, the Secret <name>-hotkey. */
export const NEURON_NAME_MAX = 48;

/** Rule at the root of Miner and Validator, where `metadata.name` can be seen. */
export const neuronNameRule = {
  rule: `self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && size(self.metadata.name) <= ${NEURON_NAME_MAX}`,
  message: `metadata.name must be a DNS label that begins with a letter, of at most ${NEURON_NAME_MAX} characters`,
} as const;

/** A timeout pair with the rule that the first byte comes before the end. */
export const timeoutsSchema = withRules(
  z
    .object({
      firstByte: duration('Longest wait for the first byte of an answer.').optional(),
      total: duration('Longest wait for the whole answer.').optional(),
    })
    .meta({ description: 'Time limits of a request.' }),
  [
    {
      rule: '!has(self.firstByte) || !has(self.total) || duration(self.firstByte) <= duration(self.total)',
      message: 'firstByte must be at most total',
      fieldPath: '.firstByte',
    },
  ],
);

/** Replicas of a Miner: the one schema default, since GET /scale fails without it. */
export const replicasSchema = integer({ min: 0, max: 100 }, 'Number of pods that serve.').default(1);
