-- The journal: every deed ever done. A line holds identifiers, facts and
-- salted commitments, never personal data, so it can be kept for ever and
-- shown to an auditor whole. Nobody edits it, administrators included.
-- seq is the order in which lines were kept. Under PostgreSQL a lower seq may
-- become visible later than a higher one; the sealer looks back for those.
CREATE TABLE deed_record (
	seq     {{serial}},
	id      {{id}}   NOT NULL UNIQUE,
	deed    {{text}} NOT NULL,
	subject {{text}} NOT NULL,
	account {{id}},
	org     {{id}},
	role    {{text}} NOT NULL,
	channel {{text}} NOT NULL,
	told    {{text}} NOT NULL,
	at      {{time}} NOT NULL
) {{table}};
CREATE INDEX deed_record_subject ON deed_record (subject, seq);
CREATE INDEX deed_record_account ON deed_record (account, seq);

-- The chain: each line's hash over the line and the hash before it. Written in
-- batches by one leased sealer, so that nobody waits for a chain head.
CREATE TABLE deed_seal (
	pos  {{int}}   NOT NULL PRIMARY KEY,
	seq  {{int}}   NOT NULL UNIQUE,
	head {{bytes}} NOT NULL,
	at   {{time}}  NOT NULL
) {{table}};

-- only: sqlite
CREATE TRIGGER deed_record_stays BEFORE UPDATE ON deed_record BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- only: sqlite
CREATE TRIGGER deed_record_keeps BEFORE DELETE ON deed_record BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- only: sqlite
CREATE TRIGGER deed_seal_stays BEFORE UPDATE ON deed_seal BEGIN SELECT RAISE(ABORT, 'the seals are append-only'); END;
-- only: sqlite
CREATE TRIGGER deed_seal_keeps BEFORE DELETE ON deed_seal BEGIN SELECT RAISE(ABORT, 'the seals are append-only'); END;
-- only: postgres
CREATE FUNCTION deed_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''the journal is append-only''; END';
-- only: postgres
CREATE TRIGGER deed_record_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON deed_record FOR EACH STATEMENT EXECUTE FUNCTION deed_append_only();
-- only: postgres
CREATE TRIGGER deed_seal_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON deed_seal FOR EACH STATEMENT EXECUTE FUNCTION deed_append_only();
