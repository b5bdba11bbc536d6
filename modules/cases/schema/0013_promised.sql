-- Receipt numbers that were drawn beforehand for a process of the house, so that
-- it can promise them while the store does not answer. A number goes from here
-- when a request comes in under it. Where the request turns out to have been in
-- already, under another number, case_id says which it is, and both numbers open
-- it for ever.
CREATE TABLE cases_promised (
	number  {{text}} NOT NULL PRIMARY KEY,
	spool   {{text}} NOT NULL,
	case_id {{id}},
	made_at {{time}} NOT NULL
) {{table}};
CREATE INDEX cases_promised_spool ON cases_promised (spool);

-- Emergency mode: everything can be read, nothing changes, and requests for help
-- are taken as always. by_account is NULL where the operator began or ended it.
CREATE TABLE cases_emergency (
	id         {{id}}   NOT NULL PRIMARY KEY,
	begun_at   {{time}} NOT NULL,
	by_account {{id}},
	ended_at   {{time}}
) {{table}};
