-- Tries that every process of a house counts together. Names are blind: none is
-- an address. What is lost with the database's memory is forgiven, as a restart
-- of a single process forgives; so it is kept out of the archive.
-- only: postgres
CREATE UNLOGGED TABLE web_limit (
	name    {{bytes}} NOT NULL PRIMARY KEY,
	free_at {{time}}  NOT NULL -- when all tries are there again
);
-- only: postgres
CREATE INDEX web_limit_over ON web_limit (free_at);
