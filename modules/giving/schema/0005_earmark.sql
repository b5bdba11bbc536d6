-- What gifts to a fund may be given for, and for nothing else. n is of its accounts in
-- the ledger; names is JSON by language; once it is closed no more numbers are handed
-- out for it, and what it has stays its own.
CREATE TABLE giving_earmark (
	id        {{id}}   NOT NULL PRIMARY KEY,
	fund      {{id}}   NOT NULL REFERENCES giving_fund (id),
	n         {{int}}  NOT NULL CHECK (n > 0),
	names     {{text}} NOT NULL,
	opened_at {{time}} NOT NULL,
	closed_at {{time}},
	UNIQUE (fund, n)
) {{table}};
ALTER TABLE giving_gift ADD COLUMN earmark {{id}};
ALTER TABLE giving_envelope ADD COLUMN earmark {{id}};
