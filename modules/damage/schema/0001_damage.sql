-- A layer is a map of damage or of shaking that somebody brought in. body is its
-- features (gzipped JSON), of which nothing but where they are and the attribute
-- that says how bad is kept. digest knows the same file again.
CREATE TABLE damage_layer (
	id       {{id}}    NOT NULL PRIMARY KEY,
	kind     {{text}}  NOT NULL CHECK (kind IN ('damage', 'shaking', 'change')),
	state    {{text}}  NOT NULL CHECK (state IN ('draft', 'live', 'withdrawn')),
	name     {{text}}  NOT NULL,
	source   {{text}}  NOT NULL,
	licence  {{text}}  NOT NULL,
	author   {{text}}  NOT NULL,
	dated    {{text}}  NOT NULL,
	mapping  {{text}}  NOT NULL,
	digest   {{bytes}} NOT NULL UNIQUE,
	features {{int}}   NOT NULL CHECK (features >= 0),
	body     {{bytes}} NOT NULL,
	account  {{id}},
	made_at  {{time}}  NOT NULL,
	state_at {{time}}  NOT NULL,
	version  {{int}}   NOT NULL
) {{table}};
CREATE INDEX damage_layer_state ON damage_layer (state, made_at, id);

-- What a layer says of a place, worked out once when a person accepted it.
CREATE TABLE damage_place (
	layer  {{id}}   NOT NULL REFERENCES damage_layer (id),
	place  {{text}} NOT NULL,
	level  {{int}}  NOT NULL CHECK (level BETWEEN 1 AND 4),
	counts {{text}} NOT NULL,
	km     {{real}} NOT NULL,
	value  {{text}} NOT NULL,
	PRIMARY KEY (layer, place)
) {{table}};

-- What citizens tell of one thing at one place: a claim. Its state is worked out
-- from the reports and words about it; check.go holds them together. place is ''
-- while nobody knows where.
CREATE TABLE damage_claim (
	id       {{id}}   NOT NULL PRIMARY KEY,
	what     {{text}} NOT NULL,
	place    {{text}} NOT NULL,
	commune  {{text}},
	province {{text}},
	region   {{text}},
	state    {{text}} NOT NULL CHECK (state IN ('unverified', 'told', 'confirmed', 'disputed', 'refuted', 'aside')),
	sources  {{int}}  NOT NULL CHECK (sources >= 0),
	reports  {{int}}  NOT NULL CHECK (reports >= 0),
	first_at {{time}} NOT NULL,
	last_at  {{time}} NOT NULL,
	state_at {{time}} NOT NULL,
	version  {{int}}  NOT NULL
) {{table}};
CREATE INDEX damage_claim_place ON damage_claim (place, what, last_at);
CREATE INDEX damage_claim_commune ON damage_claim (commune, state, last_at);
CREATE INDEX damage_claim_latest ON damage_claim (last_at, id);

-- One report by somebody. private is what names them and their own words,
-- sealed; phone and device are keyed hashes, so that one source counts once.
CREATE TABLE damage_report (
	id      {{id}}    NOT NULL PRIMARY KEY,
	claim   {{id}}    NOT NULL REFERENCES damage_claim (id),
	receipt {{text}}  NOT NULL UNIQUE,
	digest  {{bytes}} NOT NULL,
	phone   {{bytes}},
	device  {{bytes}},
	org     {{id}},
	private {{bytes}},
	lat     {{real}},
	lon     {{real}},
	aside   {{text}},
	lang    {{text}}  NOT NULL,
	made_at {{time}}  NOT NULL,
	CHECK ((lat IS NULL) = (lon IS NULL))
) {{table}};
CREATE INDEX damage_report_claim ON damage_report (claim, made_at);

-- A word of somebody on the staff about a claim: it is so, it is not so.
CREATE TABLE damage_word (
	id       {{id}}   NOT NULL PRIMARY KEY,
	claim    {{id}}   NOT NULL REFERENCES damage_claim (id),
	verdict  {{text}} NOT NULL CHECK (verdict IN ('confirm', 'refute')),
	reason   {{text}} NOT NULL,
	official {{bool}} NOT NULL,
	org      {{id}},
	account  {{id}}   NOT NULL,
	at       {{time}} NOT NULL
) {{table}};
CREATE INDEX damage_word_claim ON damage_word (claim, at);

-- A picture of a report. body is sealed. shown is a second picture, with what a
-- person of the crisis cell covered painted over; it is public as long as it is
-- there, and holds nothing of what it covers.
CREATE TABLE damage_photo (
	id      {{id}}    NOT NULL PRIMARY KEY,
	report  {{id}}    NOT NULL REFERENCES damage_report (id),
	sum     {{bytes}} NOT NULL,
	width   {{int}}   NOT NULL,
	height  {{int}}   NOT NULL,
	body    {{bytes}},
	shown   {{bytes}},
	shown_at {{time}},
	made_at {{time}}  NOT NULL,
	UNIQUE (report, sum),
	CHECK ((shown IS NULL) = (shown_at IS NULL))
) {{table}};
