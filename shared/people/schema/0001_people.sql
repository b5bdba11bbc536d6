-- Who helps, and in what quality: organisations, the people who sign in, the
-- roles they hold, and the sessions they have open. Names of staff are here and
-- never in the journal.

CREATE TABLE people_organisation (
	id            {{id}}   NOT NULL PRIMARY KEY,
	kind          {{text}} NOT NULL CHECK (kind IN ('association', 'state', 'commune', 'foundation', 'foreign')),
	name_ar       {{text}} NOT NULL,
	name_fr       {{text}} NOT NULL,
	name_zgh      {{text}} NOT NULL,
	sort_ar       {{text}} NOT NULL,
	sort_fr       {{text}} NOT NULL,
	legal_receipt {{text}} NOT NULL,
	phone         {{text}} NOT NULL,
	domains       {{text}} NOT NULL,
	status        {{text}} NOT NULL CHECK (status IN ('pending', 'recognised', 'suspended')),
	status_reason {{text}} NOT NULL CHECK (status = 'pending' OR status_reason <> ''),
	made_at       {{time}} NOT NULL,
	version       {{int}}  NOT NULL
) {{table}};
CREATE INDEX people_organisation_sort_ar ON people_organisation (sort_ar, id);
CREATE INDEX people_organisation_sort_fr ON people_organisation (sort_fr, id);

-- Where an organisation works; no row is the whole country.
CREATE TABLE people_territory (
	org  {{id}}   NOT NULL REFERENCES people_organisation (id),
	code {{text}} NOT NULL CHECK (code <> ''),
	PRIMARY KEY (org, code)
) {{table}};

-- Every name an organisation bears or bore, so that any dated spelling finds
-- the one record. to_at is NULL for a name in use, and such a name is one
-- organisation's alone.
CREATE TABLE people_organisation_alias (
	org     {{id}}   NOT NULL REFERENCES people_organisation (id),
	name    {{text}} NOT NULL,
	key     {{text}} NOT NULL CHECK (key <> ''),
	sound   {{text}} NOT NULL,
	from_at {{time}} NOT NULL,
	to_at   {{time}} CHECK (to_at IS NULL OR to_at >= from_at),
	PRIMARY KEY (org, key, from_at)
) {{table}};
CREATE UNIQUE INDEX people_organisation_alias_now ON people_organisation_alias (key) WHERE to_at IS NULL;
CREATE INDEX people_organisation_alias_sound ON people_organisation_alias (sound);

-- password is an argon2id string, '' until it is chosen. totp_secret is sealed,
-- and totp_last the newest half minute whose code was used: none works twice.
CREATE TABLE people_account (
	id          {{id}}    NOT NULL PRIMARY KEY,
	login       {{text}}  NOT NULL UNIQUE CHECK (login <> ''),
	name        {{text}}  NOT NULL CHECK (name <> ''),
	langs       {{text}}  NOT NULL,
	password    {{text}}  NOT NULL,
	totp_secret {{bytes}},
	totp_last   {{int}}   NOT NULL,
	state       {{text}}  NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
	made_at     {{time}}  NOT NULL,
	version     {{int}}   NOT NULL,
	CHECK (state <> 'active' OR (password <> '' AND totp_secret IS NOT NULL))
) {{table}};

-- A role, where it is held. Nobody gives one to themselves; given_by is NULL
-- when the house itself gave it (the first administrator, a demonstration).
CREATE TABLE people_grant (
	id        {{id}}   NOT NULL PRIMARY KEY,
	account   {{id}}   NOT NULL REFERENCES people_account (id),
	role      {{text}} NOT NULL CHECK (role IN ('administrator', 'crisis_cell', 'dispatcher', 'agent', 'coordinator', 'leader', 'safeguarding', 'auditor')),
	org       {{id}}   REFERENCES people_organisation (id),
	territory {{text}} NOT NULL,
	service   {{text}} NOT NULL,
	given_at  {{time}} NOT NULL,
	given_by  {{id}}   REFERENCES people_account (id) CHECK (given_by IS NULL OR given_by <> account),
	ended_at  {{time}},
	ended_by  {{id}}   REFERENCES people_account (id),
	CHECK (role NOT IN ('coordinator', 'leader') OR org IS NOT NULL),
	CHECK (role <> 'administrator' OR (territory = '' AND service = ''))
) {{table}};
CREATE UNIQUE INDEX people_grant_once ON people_grant (account, role, COALESCE(org, ''), territory, service) WHERE ended_at IS NULL;
CREATE INDEX people_grant_org ON people_grant (org) WHERE ended_at IS NULL;

-- token is the SHA-256 of what the browser holds.
CREATE TABLE people_session (
	id         {{id}}    NOT NULL PRIMARY KEY,
	token      {{bytes}} NOT NULL UNIQUE,
	account    {{id}}    NOT NULL REFERENCES people_account (id),
	device     {{text}}  NOT NULL CHECK (device IN ('phone', 'computer', 'program')),
	made_at    {{time}}  NOT NULL,
	seen_at    {{time}}  NOT NULL,
	expires_at {{time}}  NOT NULL CHECK (expires_at > made_at)
) {{table}};
CREATE INDEX people_session_account ON people_session (account);
CREATE INDEX people_session_expires ON people_session (expires_at);

-- A link that lets one person choose a password, once. token is the SHA-256 of
-- what the link holds. The first administrator's link has no account yet.
CREATE TABLE people_invite (
	id         {{id}}    NOT NULL PRIMARY KEY,
	token      {{bytes}} NOT NULL UNIQUE,
	account    {{id}}    REFERENCES people_account (id),
	kind       {{text}}  NOT NULL CHECK (kind IN ('first_admin', 'invite', 'reset')),
	made_at    {{time}}  NOT NULL,
	expires_at {{time}}  NOT NULL CHECK (expires_at > made_at),
	used_at    {{time}},
	CHECK (kind = 'first_admin' OR account IS NOT NULL)
) {{table}};
CREATE INDEX people_invite_account ON people_invite (account);
