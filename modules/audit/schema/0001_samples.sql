-- A sample of things that happened, drawn by a seed: whoever has the seed and the list of
-- all draws the same. population is how many there were, digest SHA-256 over their
-- subjects, so that nothing can be left out afterwards.
CREATE TABLE audit_sample (
	id         {{id}}   NOT NULL PRIMARY KEY,
	kind       {{text}} NOT NULL CHECK (kind IN ('gift', 'payment', 'lot', 'delivery')),
	seed       {{text}} NOT NULL CHECK (seed <> ''),
	wanted     {{int}}  NOT NULL CHECK (wanted BETWEEN 1 AND 500),
	population {{int}}  NOT NULL CHECK (population >= 0),
	digest     {{text}} NOT NULL,
	account    {{id}},
	drawn_at   {{time}} NOT NULL
) {{table}};
CREATE INDEX audit_sample_drawn ON audit_sample (drawn_at, id);

-- The subjects of all there was when a sample was drawn, in order, a line each, gzipped.
CREATE TABLE audit_population (
	sample {{id}}    NOT NULL PRIMARY KEY REFERENCES audit_sample (id),
	list   {{bytes}} NOT NULL
) {{table}};

CREATE TABLE audit_item (
	sample  {{id}}   NOT NULL REFERENCES audit_sample (id),
	n       {{int}}  NOT NULL CHECK (n >= 1),
	subject {{text}} NOT NULL,
	PRIMARY KEY (sample, n)
) {{table}};

-- What an auditor found of an item. Lines are added, never changed; the last counts.
-- words are sealed: they may name people.
CREATE TABLE audit_finding (
	seq     {{serial}},
	id      {{id}}   NOT NULL UNIQUE,
	sample  {{id}}   NOT NULL,
	n       {{int}}  NOT NULL,
	verdict {{text}} NOT NULL CHECK (verdict IN ('fine', 'question', 'wrong')),
	words   {{bytes}},
	account {{id}},
	at      {{time}} NOT NULL,
	FOREIGN KEY (sample, n) REFERENCES audit_item (sample, n)
) {{table}};
CREATE INDEX audit_finding_item ON audit_finding (sample, n, seq);
