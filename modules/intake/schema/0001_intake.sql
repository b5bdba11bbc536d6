-- A file that somebody brought in: what it is called and how its columns are
-- read are sealed, for both name people; its rows are kept until it is taken in.
CREATE TABLE intake_file (
	id      {{id}}   NOT NULL PRIMARY KEY,
	kind    {{text}} NOT NULL CHECK (kind IN ('whatsapp', 'telegram', 'csv', 'xlsx', 'kobo', 'json', 'geojson')),
	service {{text}} NOT NULL,
	sealed  {{bytes}} NOT NULL,
	body    {{bytes}},
	errors  {{bytes}},
	state   {{text}} NOT NULL CHECK (state IN ('preview', 'done')),
	rows    {{int}}  NOT NULL,
	added   {{int}}  NOT NULL,
	again   {{int}}  NOT NULL,
	failed  {{int}}  NOT NULL,
	account {{id}}   NOT NULL,
	made_at {{time}} NOT NULL,
	done_at {{time}},
	CHECK (state = 'preview' OR body IS NULL)
) {{table}};
CREATE INDEX intake_file_account ON intake_file (account, done_at);

-- How columns are read, for files with the same heads, which are known again by
-- a keyed hash.
CREATE TABLE intake_reading (
	key    {{text}}  NOT NULL PRIMARY KEY,
	sealed {{bytes}} NOT NULL,
	at     {{time}}  NOT NULL
) {{table}};

-- The requests that a file became at once, so that they can be taken back.
CREATE TABLE intake_taken (
	file    {{id}} NOT NULL,
	case_id {{id}} NOT NULL,
	back_at {{time}},
	PRIMARY KEY (file, case_id)
) {{table}};

-- A message or a row that may be a request, until a person says what it is. Its
-- words, numbers and names are in body, sealed; what can be worked with in a list
-- is beside it, as the house reads it. body is emptied some days after somebody
-- decided.
CREATE TABLE intake_candidate (
	id       {{id}}   NOT NULL PRIMARY KEY,
	file     {{id}}   NOT NULL,
	seq      {{int}}  NOT NULL,
	source   {{text}} NOT NULL CHECK (source IN ('whatsapp', 'telegram', 'csv', 'xlsx', 'kobo', 'json', 'geojson')),
	service  {{text}} NOT NULL,
	kind     {{text}} NOT NULL CHECK (kind IN ('need', 'offer', 'none')),
	state    {{text}} NOT NULL CHECK (state IN ('waiting', 'case', 'joined', 'offer', 'aside')),
	reason   {{text}} NOT NULL,
	points   {{int}}  NOT NULL,
	danger   {{int}}  NOT NULL CHECK (danger IN (0, 1)),
	needs    {{text}} NOT NULL,
	people   {{int}}  NOT NULL CHECK (people >= 0),
	lang     {{text}} NOT NULL,
	place    {{text}},
	commune  {{text}},
	province {{text}},
	region   {{text}},
	body       {{bytes}},
	phone_key  {{bytes}},
	sender_key {{bytes}},
	words_key  {{bytes}},
	said_at  {{time}} NOT NULL,
	made_at  {{time}} NOT NULL,
	brought  {{id}},
	account  {{id}},
	decided_at {{time}},
	case_id  {{id}},
	into_id  {{id}},
	times    {{int}} NOT NULL,
	version  {{int}} NOT NULL,
	CHECK (state <> 'waiting' OR (case_id IS NULL AND into_id IS NULL AND decided_at IS NULL AND body IS NOT NULL)),
	CHECK (state <> 'joined' OR into_id IS NOT NULL)
) {{table}};
CREATE INDEX intake_candidate_list ON intake_candidate (state, points, said_at, id);
CREATE INDEX intake_candidate_phone ON intake_candidate (phone_key) WHERE phone_key IS NOT NULL;
CREATE INDEX intake_candidate_words ON intake_candidate (words_key) WHERE words_key IS NOT NULL;
CREATE INDEX intake_candidate_sender ON intake_candidate (file, sender_key, said_at) WHERE sender_key IS NOT NULL;
CREATE INDEX intake_candidate_place ON intake_candidate (place, said_at) WHERE place IS NOT NULL;
CREATE INDEX intake_candidate_doer ON intake_candidate (account, decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX intake_candidate_case ON intake_candidate (case_id) WHERE case_id IS NOT NULL;
