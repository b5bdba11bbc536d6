-- A call says what is wanted, where, how much and until when, in the name of one
-- organisation. kind says whether people are called or things. placed is how many
-- people have a place; the table itself never lets there be more than are wanted.
-- skill, spoken, children, demands and the words are of calls for people; '' is any.
CREATE TABLE hands_call (
	id         {{id}}   NOT NULL PRIMARY KEY,
	org        {{id}}   NOT NULL,
	kind       {{text}} NOT NULL CHECK (kind IN ('people', 'goods', 'transport', 'shelter')),
	place      {{text}} NOT NULL,
	wanted     {{int}}  NOT NULL CHECK (wanted BETWEEN 1 AND 1000000),
	placed     {{int}}  NOT NULL DEFAULT 0 CHECK (placed >= 0 AND placed <= wanted),
	state      {{text}} NOT NULL CHECK (state IN ('open', 'full', 'closed')),
	skill      {{text}} NOT NULL DEFAULT '',
	spoken     {{text}} NOT NULL DEFAULT '',
	children   {{int}}  NOT NULL DEFAULT 0 CHECK (children IN (0, 1)),
	demands    {{text}} NOT NULL DEFAULT '[]',
	words_ar   {{text}} NOT NULL DEFAULT '',
	words_fr   {{text}} NOT NULL DEFAULT '',
	until      {{time}} NOT NULL,
	saw        {{int}}  NOT NULL CHECK (saw >= 0),
	made_at    {{time}} NOT NULL,
	changed_at {{time}} NOT NULL,
	version    {{int}}  NOT NULL
) {{table}};
CREATE INDEX hands_call_open ON hands_call (state, until, id);
CREATE INDEX hands_call_org ON hands_call (org, made_at, id);

-- When and where those are expected who answer a call for people; mission points
-- at a journey of the field, where there is one.
CREATE TABLE hands_shift (
	id          {{id}}   NOT NULL PRIMARY KEY,
	call        {{id}}   NOT NULL UNIQUE REFERENCES hands_call (id),
	mission     {{id}},
	meet_ar     {{text}} NOT NULL,
	meet_fr     {{text}} NOT NULL,
	from_at     {{time}} NOT NULL,
	to_at       {{time}} NOT NULL,
	reminded_at {{time}},
	CHECK (to_at > from_at)
) {{table}};
CREATE INDEX hands_shift_from ON hands_shift (from_at);
CREATE INDEX hands_shift_mission ON hands_shift (mission) WHERE mission IS NOT NULL;

-- Somebody who offers hours. name, phone, guardian, limits and papers are sealed,
-- and gone when the volunteer is forgotten; so are the two keys, by which the
-- house finds the same phone and opens the page of whoever knows its end. org is
-- NULL while any organisation will do.
CREATE TABLE hands_volunteer (
	id           {{id}}    NOT NULL PRIMARY KEY,
	receipt      {{text}}  NOT NULL UNIQUE,
	org          {{id}},
	state        {{text}}  NOT NULL CHECK (state IN ('waiting', 'accepted', 'declined', 'removed', 'left')),
	reason       {{text}}  NOT NULL,
	vetting      {{text}}  NOT NULL CHECK (vetting IN ('none', 'papers_seen', 'reference', 'police_record')),
	name         {{bytes}},
	phone        {{bytes}},
	guardian     {{bytes}},
	limits       {{bytes}},
	papers       {{bytes}},
	phone_key    {{bytes}},
	secret_key   {{bytes}},
	place        {{text}}  NOT NULL,
	commune      {{text}}  NOT NULL,
	born         {{int}}   NOT NULL,
	lang         {{text}}  NOT NULL,
	languages    {{text}}  NOT NULL,
	skills       {{text}}  NOT NULL,
	hours        {{int}}   NOT NULL CHECK (hours BETWEEN 0 AND 16383),
	account      {{id}},
	made_at      {{time}}  NOT NULL,
	changed_at   {{time}}  NOT NULL,
	forgotten_at {{time}},
	version      {{int}}   NOT NULL,
	CHECK (state <> 'accepted' OR org IS NOT NULL),
	CHECK (forgotten_at IS NULL OR (name IS NULL AND phone IS NULL AND guardian IS NULL AND limits IS NULL AND papers IS NULL AND phone_key IS NULL AND secret_key IS NULL AND account IS NULL))
) {{table}};
CREATE UNIQUE INDEX hands_volunteer_once ON hands_volunteer (phone_key, COALESCE(org, '')) WHERE state IN ('waiting', 'accepted');
CREATE INDEX hands_volunteer_org ON hands_volunteer (org, state, made_at, id);
CREATE INDEX hands_volunteer_ended ON hands_volunteer (state, changed_at) WHERE forgotten_at IS NULL;
CREATE INDEX hands_volunteer_account ON hands_volunteer (account) WHERE account IS NOT NULL;

-- One volunteer and one call: whether they were asked, and what came of it. Those
-- who said yes when it was full stand in the order of their answers. minutes are counted from in_at to out_at;
-- confirmed are those that the leader answers for, with a reason where they differ.
CREATE TABLE hands_placing (
	id           {{id}}   NOT NULL PRIMARY KEY,
	call         {{id}}   NOT NULL REFERENCES hands_call (id),
	volunteer    {{id}}   NOT NULL REFERENCES hands_volunteer (id),
	state        {{text}} NOT NULL CHECK (state IN ('offered', 'asked', 'placed', 'full', 'no', 'withdrew', 'silent')),
	asked_at     {{time}} NOT NULL,
	asked_by     {{id}},
	answered_at  {{time}},
	in_at        {{time}},
	out_at       {{time}} CHECK (out_at IS NULL OR (in_at IS NOT NULL AND out_at >= in_at)),
	minutes      {{int}}  CHECK (minutes IS NULL OR minutes >= 0),
	reason       {{text}} NOT NULL,
	confirmed_at {{time}},
	confirmed_by {{id}},
	CHECK (confirmed_at IS NULL OR minutes IS NOT NULL),
	UNIQUE (call, volunteer)
) {{table}};
CREATE INDEX hands_placing_volunteer ON hands_placing (volunteer, state);

-- A signed paper that says how many minutes were done under one organisation
-- between two moments. What is signed names nobody; initials are sealed, and
-- salt binds them to the signature as long as both are kept.
CREATE TABLE hands_attestation (
	id        {{id}}    NOT NULL PRIMARY KEY,
	code      {{text}}  NOT NULL UNIQUE,
	volunteer {{id}}    NOT NULL REFERENCES hands_volunteer (id),
	org       {{id}}    NOT NULL,
	minutes   {{int}}   NOT NULL CHECK (minutes > 0),
	shifts    {{int}}   NOT NULL CHECK (shifts > 0),
	from_at   {{time}}  NOT NULL,
	to_at     {{time}}  NOT NULL CHECK (to_at >= from_at),
	initials  {{bytes}},
	salt      {{bytes}},
	bound     {{bytes}} NOT NULL,
	signature {{bytes}} NOT NULL,
	made_at   {{time}}  NOT NULL
) {{table}};
CREATE INDEX hands_attestation_volunteer ON hands_attestation (volunteer, made_at);
