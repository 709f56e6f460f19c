-- Writes each kept text anew, with its owner in the row (0057_owner_lookups.sql). A migration of its
-- own, for it takes a while, and a table that is being altered can not be read meanwhile. Writers
-- wait at the door, rather than for single rows, each for the other's.
LOCK TABLE job_texts IN SHARE ROW EXCLUSIVE MODE;
UPDATE job_texts SET owner = owner || '';
