-- A metagraph is made after its epoch was published. standings: what became of validators' weights, which it tells (JSON).
-- Defaults stay: a service of the version before may still write while this one starts.
ALTER TABLE epochs ALTER COLUMN metagraph DROP NOT NULL;
ALTER TABLE epochs ADD COLUMN standings text NOT NULL DEFAULT '{"missedReveal":"Keep","of":[]}';

-- Whether the bucket has the metagraph of this epoch or of a later one.
ALTER TABLE epochs ADD COLUMN shown boolean NOT NULL DEFAULT true;
UPDATE epochs SET shown = false WHERE NOT published;
CREATE INDEX epochs_unshown ON epochs (netuid, epoch_index) WHERE NOT shown;
