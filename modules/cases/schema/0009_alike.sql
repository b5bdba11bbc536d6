-- What is known of each case for comparing it with others: the keys under which
-- it is looked for, as keyed hashes of eight bytes each, so that they can be
-- taken away again; and whether it was compared since they were written. n tells
-- which came later. What only trained people may read never stands here.
CREATE TABLE cases_sketch (
	n       {{serial}},
	case_id {{id}}    NOT NULL UNIQUE REFERENCES cases_case (id),
	blocks  {{bytes}} NOT NULL,
	looked  {{int}}   NOT NULL CHECK (looked IN (0, 1))
) {{table}};
CREATE INDEX cases_sketch_new ON cases_sketch (n) WHERE looked = 0;

-- The same, the other way round: who is found under a key, the latest last. It is
-- the largest table of the house: it holds nothing but two numbers.
-- only: sqlite
CREATE TABLE cases_block (
	block {{int}} NOT NULL,
	n     {{int}} NOT NULL,
	PRIMARY KEY (block, n)
) {{table}}, WITHOUT ROWID;

-- only: postgres
CREATE TABLE cases_block (
	block {{int}} NOT NULL,
	n     {{int}} NOT NULL,
	PRIMARY KEY (block, n)
) {{table}};

-- Two cases that may tell of one need: how likely, why, whether the person who
-- asked said so too ("asker"), and what somebody decided, when and together with
-- what else (batch), so that it can be undone. It follows cases_likeness, which
-- stays for the release before and is no longer written.
CREATE TABLE cases_alike (
	a       {{id}}   NOT NULL REFERENCES cases_case (id),
	b       {{id}}   NOT NULL REFERENCES cases_case (id),
	probability {{real}} NOT NULL CHECK (probability BETWEEN 0 AND 1),
	band    {{text}} NOT NULL CHECK (band IN ('unlikely', 'likely', 'very_likely')),
	reasons {{text}} NOT NULL,
	asker   {{int}}  NOT NULL CHECK (asker IN (0, 1)),
	verdict {{text}} CHECK (verdict IN ('same', 'other')),
	judged_by {{id}},
	judged_at {{time}},
	batch   {{id}},
	made_at {{time}} NOT NULL,
	PRIMARY KEY (a, b),
	CHECK (a <> b)
) {{table}};
CREATE INDEX cases_alike_b ON cases_alike (b);
CREATE INDEX cases_alike_open ON cases_alike (probability, a, b) WHERE verdict IS NULL;
CREATE INDEX cases_alike_batch ON cases_alike (judged_by, judged_at) WHERE batch IS NOT NULL;
INSERT INTO cases_alike (a, b, probability, band, reasons, asker, verdict, made_at)
	SELECT a, b, 0.5, 'likely', CASE reason WHEN 'same_phone' THEN '[{"Key":"same_phone","Weight":0}]' ELSE '[{"Key":"same_place","Weight":0},{"Key":"same_needs","Weight":0}]' END,
	0, verdict, made_at FROM cases_likeness;

-- A case that somebody joined to another: to which one (that may have been joined
-- on since), and what joining took from it, so that it can be given back.
CREATE TABLE cases_join (
	case_id {{id}}   NOT NULL PRIMARY KEY REFERENCES cases_case (id),
	into_id {{id}}   NOT NULL REFERENCES cases_case (id),
	was     {{text}} NOT NULL,
	batch   {{id}},
	account {{id}},
	made_at {{time}} NOT NULL,
	parted_at {{time}}
) {{table}};
CREATE INDEX cases_join_into ON cases_join (into_id);
CREATE INDEX cases_join_batch ON cases_join (batch) WHERE batch IS NOT NULL;

-- What a case told by itself before others were joined to it, beside what it
-- carries for all of them: taken apart, it is worked out anew from those that stay.
CREATE TABLE cases_own (
	case_id {{id}}   NOT NULL PRIMARY KEY REFERENCES cases_case (id),
	body    {{text}} NOT NULL
) {{table}};
