-- How a form is filled in, beside its answers: for somebody else, on a phone
-- that others use, from a sheet of paper. Sealed, for it may name a helper.
ALTER TABLE cases_draft ADD COLUMN around {{bytes}};

-- What a person agreed to, and how we know: that somebody asks in their name,
-- or that a relative may have news of them. It is about a case or, under the
-- same identifier, a restricted concern. "word_key" is a keyed hash of the word
-- that the family gave to its relative; "helper" is sealed and often empty.
CREATE TABLE cases_consent (
	id       {{id}}   NOT NULL PRIMARY KEY,
	case_id  {{id}}   NOT NULL,
	about    {{text}} NOT NULL CHECK (about IN ('help', 'share')),
	kind     {{text}} NOT NULL CHECK (kind IN ('self', 'relative', 'neighbour', 'cybercafe', 'association', 'agent')),
	how      {{text}} NOT NULL CHECK (how IN ('present', 'spoken', 'written', 'to_ask')),
	text     {{text}} NOT NULL,
	lang     {{text}} NOT NULL,
	account  {{id}},
	helper   {{bytes}},
	word_key {{bytes}},
	made_at  {{time}} NOT NULL,
	ended_at {{time}}
) {{table}};
CREATE INDEX cases_consent_case ON cases_consent (case_id, made_at);

-- Sheets that were printed, each with the receipt number that stands on it, so
-- that it can be used once and is given to nobody else meanwhile.
CREATE TABLE cases_paper (
	number  {{text}} NOT NULL PRIMARY KEY,
	id      {{id}}   NOT NULL,
	batch   {{id}}   NOT NULL,
	service {{text}} NOT NULL,
	lang    {{text}} NOT NULL,
	account {{id}},
	made_at {{time}} NOT NULL,
	case_id {{id}},
	used_at {{time}},
	CHECK ((case_id IS NULL) = (used_at IS NULL))
) {{table}};
CREATE INDEX cases_paper_batch ON cases_paper (batch);

-- Requests typed on a phone that others use: for the short time in which an
-- address shows its receipt again, only the seat that typed it sees it.
CREATE TABLE cases_shared (
	case_id {{id}}   NOT NULL PRIMARY KEY,
	ends_at {{time}} NOT NULL
) {{table}};
CREATE INDEX cases_shared_ends ON cases_shared (ends_at);

-- The phone of the family that somebody far away asks for: a keyed hash, by
-- which two requests for one family are found.
ALTER TABLE cases_case ADD COLUMN family_key {{bytes}};
CREATE INDEX cases_case_family ON cases_case (family_key, made_at) WHERE family_key IS NOT NULL;
