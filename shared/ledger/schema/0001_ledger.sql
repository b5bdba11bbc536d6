-- An account is where value is: the people who give, a fund, an envelope of it,
-- a depot, a lorry, what was paid or given away. asset is a currency ("MAD"), or a
-- lot of goods ("lot/" and its identifier, counted in its unit). floor is the least
-- that it may hold beyond what is set aside; NULL is no limit, for those who give.
CREATE TABLE ledger_account (
	id        {{id}}   NOT NULL PRIMARY KEY,
	code      {{text}} NOT NULL UNIQUE,
	kind      {{text}} NOT NULL CHECK (kind IN ('giver', 'fund', 'envelope', 'suspense', 'stock', 'transit', 'exchange', 'fee', 'paid', 'given', 'lost')),
	asset     {{text}} NOT NULL CHECK (asset <> ''),
	earmark   {{text}} NOT NULL,
	floor     {{int}},
	balance   {{int}}  NOT NULL,
	held      {{int}}  NOT NULL CHECK (held >= 0),
	made_at   {{time}} NOT NULL,
	closed_at {{time}},
	CHECK (floor IS NULL OR balance - held >= floor)
) {{table}};
CREATE INDEX ledger_account_kind ON ledger_account (kind, code);

-- An entry is one movement, whole: its postings sum to zero for each asset. ref is
-- how the world outside calls it: the same again adds nothing. value_on is the day
-- on which it counts ("2026-11-22"), made_at when it was written down. sum is
-- SHA-256 over all of it and its postings; the journal line has the same.
CREATE TABLE ledger_entry (
	seq       {{serial}},
	id        {{id}}   NOT NULL UNIQUE,
	ref       {{text}} NOT NULL UNIQUE,
	about     {{text}} NOT NULL,
	purpose   {{text}} NOT NULL,
	document  {{text}} NOT NULL,
	value_on  {{text}} NOT NULL,
	was_minor {{int}},
	was_in    {{text}},
	rate      {{text}},
	rate_on   {{text}},
	rate_from {{text}},
	reverses  {{id}} UNIQUE REFERENCES ledger_entry (id),
	deed      {{text}} NOT NULL,
	account   {{id}},
	role      {{text}} NOT NULL,
	made_at   {{time}} NOT NULL,
	sum       {{bytes}} NOT NULL
) {{table}};
CREATE INDEX ledger_entry_day ON ledger_entry (value_on, seq);
CREATE INDEX ledger_entry_about ON ledger_entry (about);

-- what is '' or 'fee': fees are postings of their own.
CREATE TABLE ledger_posting (
	seq     {{serial}},
	entry   {{id}}   NOT NULL REFERENCES ledger_entry (id),
	n       {{int}}  NOT NULL,
	account {{id}}   NOT NULL REFERENCES ledger_account (id),
	asset   {{text}} NOT NULL,
	amount  {{int}}  NOT NULL CHECK (amount <> 0),
	what    {{text}} NOT NULL CHECK (what IN ('', 'fee')),
	UNIQUE (entry, n)
) {{table}};
CREATE INDEX ledger_posting_account ON ledger_posting (account, seq);

-- What is set aside for something that is not paid yet. It ends by an entry that
-- takes it, by being let go, or by its day.
CREATE TABLE ledger_hold (
	id       {{id}}   NOT NULL PRIMARY KEY,
	ref      {{text}} NOT NULL UNIQUE,
	account  {{id}}   NOT NULL REFERENCES ledger_account (id),
	amount   {{int}}  NOT NULL CHECK (amount > 0),
	about    {{text}} NOT NULL,
	made_at  {{time}} NOT NULL,
	till     {{time}},
	ended_at {{time}},
	entry    {{id}} REFERENCES ledger_entry (id)
) {{table}};
CREATE INDEX ledger_hold_open ON ledger_hold (account) WHERE ended_at IS NULL;
CREATE INDEX ledger_hold_till ON ledger_hold (till) WHERE ended_at IS NULL;

-- Up to which day the books are closed: one line for each closing.
CREATE TABLE ledger_close (
	till      {{text}} NOT NULL PRIMARY KEY,
	closed_at {{time}} NOT NULL,
	account   {{id}}
) {{table}};

-- An entry that waits for others than its author to agree. body is the entry.
CREATE TABLE ledger_draft (
	id        {{id}}   NOT NULL PRIMARY KEY,
	ref       {{text}} NOT NULL UNIQUE,
	body      {{text}} NOT NULL,
	minor     {{int}}  NOT NULL,
	asset     {{text}} NOT NULL,
	wants     {{int}}  NOT NULL CHECK (wants >= 1),
	author    {{id}}   NOT NULL,
	made_at   {{time}} NOT NULL,
	ended_at  {{time}},
	entry     {{id}} REFERENCES ledger_entry (id),
	why       {{text}} NOT NULL
) {{table}};
CREATE INDEX ledger_draft_open ON ledger_draft (made_at) WHERE ended_at IS NULL;

CREATE TABLE ledger_approval (
	draft   {{id}}   NOT NULL REFERENCES ledger_draft (id),
	account {{id}}   NOT NULL,
	role    {{text}} NOT NULL,
	at      {{time}} NOT NULL,
	PRIMARY KEY (draft, account)
) {{table}};

-- only: sqlite
CREATE TRIGGER ledger_entry_stays BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
-- only: sqlite
CREATE TRIGGER ledger_entry_keeps BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
-- only: sqlite
CREATE TRIGGER ledger_posting_stays BEFORE UPDATE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
-- only: sqlite
CREATE TRIGGER ledger_posting_keeps BEFORE DELETE ON ledger_posting BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
-- only: postgres
CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''entries are append-only''; END';
-- only: postgres
CREATE TRIGGER ledger_entry_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
-- only: postgres
CREATE TRIGGER ledger_posting_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_posting FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
