import { sha256 } from '@noble/hashes/sha2.js';
import { runEpoch } from '@subnetes/consensus/epoch';
import type { PolicyMachinery } from '@subnetes/policy/policy-epoch';

export const MACHINERY: PolicyMachinery = { runEpoch, sha256: (bytes) => sha256(bytes) };
