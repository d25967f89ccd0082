import { writeFileSync } from 'node:fs';
import { epochDigest, FROZEN_DIGESTS } from './frozen-epochs.ts';

/** `node packages/consensus/test/freeze-epochs.ts`: writes the digests anew, after a formula has changed on purpose. */
const digests = FROZEN_DIGESTS.map((_, index) => `"${epochDigest(index + 1)}"`);
writeFileSync(new URL('frozen-epochs.json', import.meta.url), `[\n${digests.join(',\n')}\n]\n`);
