-- A treasurer keeps money that others decide on; see 0004 for why the table moves.
CREATE TABLE people_grant_next (
	id        {{id}}   NOT NULL PRIMARY KEY,
	account   {{id}}   NOT NULL REFERENCES people_account (id),
	role      {{text}} NOT NULL CHECK (role IN ('administrator', 'crisis_cell', 'dispatcher', 'agent', 'coordinator', 'leader', 'volunteer', 'safeguarding', 'treasurer', 'auditor')),
	org       {{id}}   REFERENCES people_organisation (id),
	territory {{text}} NOT NULL,
	service   {{text}} NOT NULL,
	given_at  {{time}} NOT NULL,
	given_by  {{id}}   REFERENCES people_account (id) CHECK (given_by IS NULL OR given_by <> account),
	ended_at  {{time}},
	ended_by  {{id}}   REFERENCES people_account (id),
	CHECK (role NOT IN ('coordinator', 'leader', 'volunteer') OR org IS NOT NULL),
	CHECK (role <> 'administrator' OR (territory = '' AND service = ''))
) {{table}};
INSERT INTO people_grant_next (id, account, role, org, territory, service, given_at, given_by, ended_at, ended_by)
	SELECT id, account, role, org, territory, service, given_at, given_by, ended_at, ended_by FROM people_grant;
DROP TABLE people_grant;
ALTER TABLE people_grant_next RENAME TO people_grant;
CREATE UNIQUE INDEX people_grant_once ON people_grant (account, role, COALESCE(org, ''), territory, service) WHERE ended_at IS NULL;
CREATE INDEX people_grant_org ON people_grant (org) WHERE ended_at IS NULL;
