-- A case is one call for help on its way to being answered. What names a
-- person (phone, name, own words, own word for the tracker) is in "private",
-- sealed; what can be worked with in lists is in columns of its own.
CREATE TABLE cases_case (
	id          {{id}}   NOT NULL PRIMARY KEY,
	receipt     {{text}} NOT NULL UNIQUE,
	service     {{text}} NOT NULL,
	service_version {{int}} NOT NULL,
	crisis      {{id}},
	state       {{text}} NOT NULL,
	phase       {{text}} NOT NULL CHECK (phase IN ('open', 'owned', 'moving', 'waiting', 'final')),
	rank        {{int}}  NOT NULL CHECK (rank IN (0, 1)),
	level       {{int}}  NOT NULL CHECK (level BETWEEN 1 AND 4),
	reasons     {{text}} NOT NULL,
	needs       {{text}} NOT NULL,
	people      {{int}}  NOT NULL CHECK (people >= 0),
	place       {{text}},
	commune     {{text}},
	province    {{text}},
	region      {{text}},
	lat         {{real}},
	lon         {{real}},
	spoken      {{text}} NOT NULL,
	lang        {{text}} NOT NULL,
	channel     {{text}} NOT NULL CHECK (channel IN ('web', 'api', 'phone', 'desk', 'import')),
	answers     {{text}} NOT NULL,
	private     {{bytes}},
	phone_key   {{bytes}},
	secret_key  {{bytes}},
	asked_key   {{bytes}} NOT NULL,
	salt        {{bytes}},
	org         {{id}},
	lease_till  {{time}},
	team        {{id}},
	contacted_at {{time}},
	called_at   {{time}},
	due_at      {{time}} NOT NULL,
	made_at     {{time}} NOT NULL,
	changed_at  {{time}} NOT NULL,
	merged_into {{id}} REFERENCES cases_case (id),
	merged_from_state {{text}},
	erased_at   {{time}},
	code_tries  {{int}} NOT NULL,
	code_tries_from {{time}},
	version     {{int}} NOT NULL,
	CHECK ((lat IS NULL) = (lon IS NULL)),
	CHECK (merged_into IS NULL OR merged_into <> id),
	CHECK (phase <> 'open' OR org IS NULL),
	CHECK ((erased_at IS NULL) OR (private IS NULL AND phone_key IS NULL AND salt IS NULL))
) {{table}};
CREATE INDEX cases_case_queue ON cases_case (phase, rank, due_at, id) WHERE merged_into IS NULL;
CREATE INDEX cases_case_area ON cases_case (province, phase, rank, due_at, id) WHERE merged_into IS NULL;
CREATE INDEX cases_case_phone ON cases_case (phone_key) WHERE phone_key IS NOT NULL;
CREATE INDEX cases_case_place ON cases_case (place, made_at) WHERE place IS NOT NULL;
CREATE INDEX cases_case_commune ON cases_case (commune, phase) WHERE merged_into IS NULL;
CREATE INDEX cases_case_org ON cases_case (org, phase) WHERE org IS NOT NULL;
CREATE INDEX cases_case_lease ON cases_case (lease_till) WHERE lease_till IS NOT NULL;
CREATE INDEX cases_case_merged ON cases_case (merged_into) WHERE merged_into IS NOT NULL;

-- Two cases that may be the same call for help, and why we think so. A person
-- decides; nothing is merged by itself.
CREATE TABLE cases_likeness (
	a       {{id}}   NOT NULL REFERENCES cases_case (id),
	b       {{id}}   NOT NULL REFERENCES cases_case (id),
	reason  {{text}} NOT NULL CHECK (reason IN ('same_phone', 'same_place_and_need')),
	verdict {{text}} CHECK (verdict IN ('same', 'other')),
	made_at {{time}} NOT NULL,
	PRIMARY KEY (a, b)
) {{table}};
CREATE INDEX cases_likeness_b ON cases_likeness (b);

-- What staff wrote down about a case: sealed, because it is about people.
CREATE TABLE cases_note (
	id      {{id}}   NOT NULL PRIMARY KEY,
	case_id {{id}}   NOT NULL REFERENCES cases_case (id),
	kind    {{text}} NOT NULL,
	body    {{bytes}} NOT NULL,
	account {{id}},
	made_at {{time}} NOT NULL
) {{table}};
CREATE INDEX cases_note_case ON cases_note (case_id, made_at);

-- A form under way, kept for a day so that a weak network loses nothing.
CREATE TABLE cases_draft (
	id      {{id}}   NOT NULL PRIMARY KEY,
	service {{text}} NOT NULL,
	version {{int}}  NOT NULL,
	body    {{bytes}} NOT NULL,
	made_at {{time}} NOT NULL,
	ends_at {{time}} NOT NULL
) {{table}};
CREATE INDEX cases_draft_ends ON cases_draft (ends_at);

-- What people say afterwards: a rating, or a complaint with a receipt of its own.
CREATE TABLE cases_rating (
	case_id {{id}}  NOT NULL PRIMARY KEY REFERENCES cases_case (id),
	stars   {{int}} NOT NULL CHECK (stars BETWEEN 1 AND 5),
	made_at {{time}} NOT NULL
) {{table}};

CREATE TABLE cases_complaint (
	id          {{id}}   NOT NULL PRIMARY KEY,
	receipt     {{text}} NOT NULL UNIQUE,
	case_id     {{id}}   REFERENCES cases_case (id),
	kind        {{text}} NOT NULL,
	state       {{text}} NOT NULL CHECK (state IN ('open', 'answered')),
	org         {{id}},
	province    {{text}},
	commune     {{text}},
	region      {{text}},
	body        {{bytes}},
	answer      {{bytes}},
	secret_key  {{bytes}},
	due_at      {{time}} NOT NULL,
	made_at     {{time}} NOT NULL,
	answered_at {{time}},
	answered_by {{id}},
	lang        {{text}} NOT NULL,
	version     {{int}} NOT NULL
) {{table}};
CREATE INDEX cases_complaint_due ON cases_complaint (state, due_at, id);

-- Restricted concerns: a child alone, abuse by somebody who helps, violence at
-- home. They live in a table of their own so that no queue, search, map,
-- export, merge suggestion or count can ever show one by mistake.
CREATE TABLE cases_concern (
	id         {{id}}   NOT NULL PRIMARY KEY,
	receipt    {{text}} NOT NULL UNIQUE,
	kind       {{text}} NOT NULL,
	service    {{text}} NOT NULL,
	state      {{text}} NOT NULL CHECK (state IN ('open', 'taken', 'closed')),
	about_org  {{id}},
	body       {{bytes}} NOT NULL,
	secret_key {{bytes}},
	asked_key  {{bytes}} NOT NULL,
	taken_by   {{id}},
	outcome    {{text}},
	due_at     {{time}} NOT NULL,
	made_at    {{time}} NOT NULL,
	closed_at  {{time}},
	lang       {{text}} NOT NULL,
	version    {{int}} NOT NULL
) {{table}};
CREATE INDEX cases_concern_due ON cases_concern (state, due_at, id);

-- A crisis that was opened from a template: which services it turned on, where.
CREATE TABLE cases_crisis (
	id        {{id}}   NOT NULL PRIMARY KEY,
	template  {{text}} NOT NULL,
	name_ar   {{text}} NOT NULL,
	name_zgh  {{text}} NOT NULL,
	name_fr   {{text}} NOT NULL,
	name_en   {{text}} NOT NULL,
	area      {{text}} NOT NULL,
	opened_at {{time}} NOT NULL,
	closed_at {{time}},
	version   {{int}} NOT NULL
) {{table}};
CREATE UNIQUE INDEX cases_crisis_once ON cases_crisis (template) WHERE closed_at IS NULL;

-- Every version of a service that ever took a request, so that an old decision
-- can be read by the rules it was made under.
CREATE TABLE cases_service (
	code    {{text}} NOT NULL,
	version {{int}}  NOT NULL,
	hash    {{text}} NOT NULL,
	body    {{text}} NOT NULL,
	at      {{time}} NOT NULL,
	PRIMARY KEY (code, version)
) {{table}};

-- Files that were brought in, and how their columns were read.
CREATE TABLE cases_import (
	id       {{id}}   NOT NULL PRIMARY KEY,
	name     {{text}} NOT NULL,
	service  {{text}} NOT NULL,
	mapping  {{text}} NOT NULL,
	body     {{bytes}},
	state    {{text}} NOT NULL CHECK (state IN ('preview', 'done')),
	rows     {{int}} NOT NULL,
	added    {{int}} NOT NULL,
	again    {{int}} NOT NULL,
	failed   {{int}} NOT NULL,
	errors   {{bytes}},
	account  {{id}},
	made_at  {{time}} NOT NULL,
	done_at  {{time}}
) {{table}};
CREATE TABLE cases_mapping (
	heads   {{text}} NOT NULL PRIMARY KEY,
	mapping {{text}} NOT NULL,
	at      {{time}} NOT NULL
) {{table}};
