-- Taking the role that reads restricted concerns from its last holder leaves a
-- house in which nobody reads what a child said: one person alone may not do
-- that either. The CHECK of a table cannot be widened in place on both engines,
-- so the wishes move to a table that knows "end".
CREATE TABLE people_second_next (
	id         {{id}}   NOT NULL PRIMARY KEY,
	kind       {{text}} NOT NULL CHECK (kind IN ('give', 'reset', 'end')),
	account    {{id}}   NOT NULL REFERENCES people_account (id),
	grant_id   {{id}},
	org        {{id}}   REFERENCES people_organisation (id),
	territory  {{text}} NOT NULL,
	service    {{text}} NOT NULL,
	state      {{text}} NOT NULL CHECK (state IN ('waiting', 'done', 'refused', 'first', 'house')),
	asked_at   {{time}} NOT NULL,
	asked_by   {{id}}   REFERENCES people_account (id),
	decided_at {{time}},
	decided_by {{id}}   REFERENCES people_account (id),
	CHECK (kind = 'reset' OR grant_id IS NOT NULL),
	CHECK (asked_by IS NULL OR asked_by <> account),
	CHECK (state <> 'done' OR (asked_by IS NOT NULL AND decided_by IS NOT NULL AND decided_by <> asked_by AND decided_by <> account))
) {{table}};
INSERT INTO people_second_next (id, kind, account, grant_id, org, territory, service, state, asked_at, asked_by, decided_at, decided_by)
	SELECT id, kind, account, grant_id, org, territory, service, state, asked_at, asked_by, decided_at, decided_by FROM people_second;
CREATE TABLE people_second_seen_next (
	second  {{id}}   NOT NULL REFERENCES people_second_next (id),
	account {{id}}   NOT NULL REFERENCES people_account (id),
	at      {{time}} NOT NULL,
	PRIMARY KEY (second, account)
) {{table}};
INSERT INTO people_second_seen_next (second, account, at) SELECT second, account, at FROM people_second_seen;
DROP TABLE people_second_seen;
DROP TABLE people_second;
ALTER TABLE people_second_next RENAME TO people_second;
ALTER TABLE people_second_seen_next RENAME TO people_second_seen;
CREATE UNIQUE INDEX people_second_waiting ON people_second (account, kind, territory, service) WHERE state = 'waiting';
CREATE INDEX people_second_asked ON people_second (asked_at);
