-- A fund: whose account it is, and by which text it was opened. names is JSON by
-- language. money itself is in the ledger, under fund/CODE.
CREATE TABLE giving_fund (
	id        {{id}}   NOT NULL PRIMARY KEY,
	code      {{text}} NOT NULL UNIQUE,
	names     {{text}} NOT NULL,
	iban      {{text}} NOT NULL,
	currency  {{text}} NOT NULL,
	basis     {{text}} NOT NULL CHECK (basis <> ''),
	opened_at {{time}} NOT NULL
) {{table}};

-- A gift that somebody announced, or that came. receipt is what the giver holds; who
-- gave is kept nowhere but in the bank's line, sealed.
CREATE TABLE giving_gift (
	id           {{id}}   NOT NULL PRIMARY KEY,
	fund         {{id}}   NOT NULL REFERENCES giving_fund (id),
	receipt      {{text}} NOT NULL UNIQUE,
	announced    {{int}},
	announced_at {{time}},
	minor        {{int}},
	received_at  {{time}},
	entry        {{id}} UNIQUE,
	leaf         {{id}},
	CHECK ((received_at IS NULL) = (entry IS NULL)),
	CHECK ((received_at IS NULL) = (minor IS NULL)),
	CHECK (announced IS NOT NULL OR minor IS NOT NULL)
) {{table}};
CREATE INDEX giving_gift_fund ON giving_gift (fund, received_at);

-- A file of the bank. sum is SHA-256 of it: the same again adds nothing.
CREATE TABLE giving_statement (
	id       {{id}}   NOT NULL PRIMARY KEY,
	fund     {{id}}   NOT NULL REFERENCES giving_fund (id),
	sum      {{text}} NOT NULL,
	name     {{text}} NOT NULL,
	adds     {{int}}  NOT NULL,
	lines    {{int}}  NOT NULL,
	made_at  {{time}} NOT NULL,
	UNIQUE (fund, sum, name)
) {{table}};

-- One line of it: what came is above zero, what left below. said is what the bank
-- wrote with it, sealed: it names people. state is 'open' until somebody, or the
-- receipt in its words, explains it.
CREATE TABLE giving_line (
	id        {{id}}   NOT NULL PRIMARY KEY,
	statement {{id}}   NOT NULL REFERENCES giving_statement (id),
	fund      {{id}}   NOT NULL REFERENCES giving_fund (id),
	ref       {{text}} NOT NULL,
	day       {{text}} NOT NULL,
	minor     {{int}}  NOT NULL CHECK (minor <> 0),
	said      {{bytes}} NOT NULL,
	state     {{text}} NOT NULL CHECK (state IN ('open', 'gift', 'fee', 'paid')),
	gift      {{id}} REFERENCES giving_gift (id),
	spending  {{id}},
	made_at   {{time}} NOT NULL,
	UNIQUE (fund, ref)
) {{table}};
CREATE INDEX giving_line_open ON giving_line (fund, day, id) WHERE state = 'open';

-- What money is set apart for.
CREATE TABLE giving_envelope (
	id      {{id}}   NOT NULL PRIMARY KEY,
	fund    {{id}}   NOT NULL REFERENCES giving_fund (id),
	n       {{int}}  NOT NULL,
	name    {{text}} NOT NULL,
	made_at {{time}} NOT NULL,
	UNIQUE (fund, n),
	UNIQUE (fund, name)
) {{table}};

-- What one person asks and others agree to: to set money apart, or to pay out of
-- what was. payee and what goes with it is sealed; document is SHA-256 of the paper.
CREATE TABLE giving_spending (
	id       {{id}}   NOT NULL PRIMARY KEY,
	fund     {{id}}   NOT NULL REFERENCES giving_fund (id),
	envelope {{id}}   NOT NULL REFERENCES giving_envelope (id),
	number   {{text}} NOT NULL UNIQUE,
	kind     {{text}} NOT NULL CHECK (kind IN ('allocate', 'pay')),
	minor    {{int}}  NOT NULL CHECK (minor > 0),
	purpose  {{text}} NOT NULL CHECK (purpose <> ''),
	payee    {{bytes}},
	document {{text}} NOT NULL,
	draft    {{id}}   NOT NULL UNIQUE,
	state    {{text}} NOT NULL CHECK (state IN ('waiting', 'done', 'dropped')),
	author   {{id}}   NOT NULL,
	made_at  {{time}} NOT NULL,
	ended_at {{time}},
	entry    {{id}} UNIQUE,
	line     {{id}} REFERENCES giving_line (id),
	CHECK (kind = 'allocate' OR document <> ''),
	CHECK ((state = 'done') = (entry IS NOT NULL))
) {{table}};
CREATE INDEX giving_spending_fund ON giving_spending (fund, made_at, id);
