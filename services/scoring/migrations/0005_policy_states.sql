-- What the policy of an epoch hands to the next: standing, floors, runs of deviant epochs, rows that the firewall remembers. JSON
-- by mechanism, empty where the policy had no countermeasures; the same stands, hashed, in the epoch's outputs.
ALTER TABLE epochs ADD COLUMN policy_states text NOT NULL DEFAULT '{}';
