-- What one person alone may not do: give the role that reads restricted
-- concerns, or make a new way into an account that holds it. A row is one such
-- wish and its end. 'first' is the first holder of a new house, 'house' what the
-- house itself gave (a demonstration, and every role given before this table).
CREATE TABLE people_second (
	id         {{id}}   NOT NULL PRIMARY KEY,
	kind       {{text}} NOT NULL CHECK (kind IN ('give', 'reset')),
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
	CHECK (kind <> 'give' OR grant_id IS NOT NULL),
	CHECK (asked_by IS NULL OR asked_by <> account),
	CHECK (state <> 'done' OR (asked_by IS NOT NULL AND decided_by IS NOT NULL AND decided_by <> asked_by AND decided_by <> account))
) {{table}};
CREATE UNIQUE INDEX people_second_waiting ON people_second (account, kind, territory, service) WHERE state = 'waiting';
CREATE INDEX people_second_asked ON people_second (asked_at);

-- Which holder has read which notice.
CREATE TABLE people_second_seen (
	second  {{id}}   NOT NULL REFERENCES people_second (id),
	account {{id}}   NOT NULL REFERENCES people_account (id),
	at      {{time}} NOT NULL,
	PRIMARY KEY (second, account)
) {{table}};

INSERT INTO people_second (id, kind, account, grant_id, org, territory, service, state, asked_at, asked_by)
	SELECT id, 'give', account, id, org, territory, service, 'house', given_at, given_by FROM people_grant WHERE role = 'safeguarding';
