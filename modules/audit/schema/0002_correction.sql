-- What the house said in public and was wrong, with what is right. body is the published
-- file, sum its SHA-256, which stands in the public log. Lines are added, never changed.
CREATE TABLE audit_correction (
	seq     {{serial}},
	id      {{id}}   NOT NULL UNIQUE,
	body    {{text}} NOT NULL,
	sum     {{text}} NOT NULL,
	leaf    {{id}},
	account {{id}},
	at      {{time}} NOT NULL
) {{table}};
