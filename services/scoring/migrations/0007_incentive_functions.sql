-- Incentive functions by the sha256 (hex) of their bytes. Never deleted: epochs that they divided are computed again.
CREATE TABLE incentive_functions (
  sha256 text PRIMARY KEY,
  module bytea NOT NULL
);
-- Which subnet's owner published which: it counts on the subnet's quota, also where another published the same bytes.
CREATE TABLE incentive_function_publications (
  netuid integer NOT NULL,
  sha256 text NOT NULL REFERENCES incentive_functions,
  bytes integer NOT NULL,
  PRIMARY KEY (netuid, sha256)
);
