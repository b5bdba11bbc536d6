-- A spelling is how people wrote a place that no list writes so: place is its
-- code, key the spelling made comparable, shown as somebody wrote it. It holds
-- the words for a place and nothing else of what anybody said. Once taken back
-- it is not found again, however many confirm it, until somebody brings it back.
CREATE TABLE spellings_spelling (
	id            {{id}}   NOT NULL PRIMARY KEY,
	place         {{text}} NOT NULL,
	key           {{text}} NOT NULL,
	shown         {{text}} NOT NULL,
	script        {{text}} NOT NULL CHECK (script IN ('Arab', 'Latn', 'Tfng')),
	first_at      {{time}} NOT NULL,
	last_at       {{time}} NOT NULL,
	taken_back_at {{time}},
	UNIQUE (key, place)
) {{table}};
CREATE INDEX spellings_spelling_list ON spellings_spelling (last_at, id);
CREATE INDEX spellings_spelling_place ON spellings_spelling (place);

-- Who confirmed it: an account, or a file of another house ("file:" and where it
-- comes from). alone is whether this one is enough, source what may be told of
-- it: a role, an organisation, what the file says.
CREATE TABLE spellings_voice (
	spelling {{id}}   NOT NULL REFERENCES spellings_spelling (id),
	voice    {{text}} NOT NULL,
	source   {{text}} NOT NULL,
	org      {{id}},
	alone    {{int}}  NOT NULL CHECK (alone IN (0, 1)),
	times    {{int}}  NOT NULL CHECK (times >= 1),
	last_at  {{time}} NOT NULL,
	PRIMARY KEY (spelling, voice)
) {{table}};
