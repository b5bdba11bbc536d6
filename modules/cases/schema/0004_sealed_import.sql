-- What a file is called and how its columns are named may name a person: both
-- are sealed from now on, and what heads a mapping is for is found by a keyed
-- hash. The columns and the table before stay for the release before; what
-- they still hold is moved here at the start of the house and then empty.
ALTER TABLE cases_import ADD COLUMN sealed {{bytes}};

CREATE TABLE cases_reading (
	key    {{text}}  NOT NULL PRIMARY KEY,
	sealed {{bytes}} NOT NULL,
	at     {{time}}  NOT NULL
) {{table}};
