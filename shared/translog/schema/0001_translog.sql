-- A leaf is one entry of the public log. entry is what everybody reads, and never
-- changes. salt is sealed; with it the leaf's commitment can be opened, and to erase
-- somebody is to empty it, for ever. seq is the order in which leaves were kept; idx is
-- their place in the log, given once, when they are integrated.
CREATE TABLE translog_leaf (
	seq     {{serial}},
	id      {{id}}    NOT NULL UNIQUE,
	subject {{text}}  NOT NULL CHECK (subject <> ''),
	entry   {{bytes}} NOT NULL,
	salt    {{bytes}},
	at      {{time}}  NOT NULL,
	idx     {{int}}   UNIQUE
) {{table}};
CREATE INDEX translog_leaf_subject ON translog_leaf (subject);
CREATE INDEX translog_leaf_waiting ON translog_leaf (seq) WHERE idx IS NULL;

-- The hashes of all full subtrees, in the order of golang.org/x/mod/sumdb/tlog:
-- everything of the tree that is ever served is worked out from these.
CREATE TABLE translog_hash (
	pos  {{int}}   NOT NULL PRIMARY KEY,
	hash {{bytes}} NOT NULL
) {{table}};

-- Every head that was ever signed.
CREATE TABLE translog_checkpoint (
	size {{int}}   NOT NULL PRIMARY KEY,
	root {{bytes}} NOT NULL,
	note {{text}}  NOT NULL,
	at   {{time}}  NOT NULL
) {{table}};

-- Signature lines of witnesses.
CREATE TABLE translog_cosignature (
	size {{int}}  NOT NULL REFERENCES translog_checkpoint (size),
	who  {{text}} NOT NULL,
	line {{text}} NOT NULL,
	at   {{time}} NOT NULL,
	PRIMARY KEY (size, who)
) {{table}};

-- One row: which log this is and how far it is integrated. Whoever integrates changes
-- it first, so that the row is the lock.
CREATE TABLE translog_head (
	one    {{int}}  NOT NULL PRIMARY KEY CHECK (one = 1),
	origin {{text}} NOT NULL,
	size   {{int}}  NOT NULL,
	turn   {{int}}  NOT NULL
) {{table}};

-- only: sqlite
CREATE TRIGGER translog_leaf_stays BEFORE UPDATE OF seq, id, subject, entry, at ON translog_leaf BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
-- only: sqlite
CREATE TRIGGER translog_leaf_placed BEFORE UPDATE OF idx ON translog_leaf WHEN OLD.idx IS NOT NULL BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
-- only: sqlite
CREATE TRIGGER translog_leaf_erased BEFORE UPDATE OF salt ON translog_leaf WHEN OLD.salt IS NULL AND NEW.salt IS NOT NULL BEGIN SELECT RAISE(ABORT, 'what was erased stays erased'); END;
-- only: sqlite
CREATE TRIGGER translog_leaf_keeps BEFORE DELETE ON translog_leaf BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
-- only: sqlite
CREATE TRIGGER translog_hash_stays BEFORE UPDATE ON translog_hash BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
-- only: sqlite
CREATE TRIGGER translog_hash_keeps BEFORE DELETE ON translog_hash BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
-- only: sqlite
CREATE TRIGGER translog_checkpoint_stays BEFORE UPDATE OF size, root ON translog_checkpoint BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
-- only: sqlite
CREATE TRIGGER translog_checkpoint_keeps BEFORE DELETE ON translog_checkpoint BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
-- only: postgres
CREATE FUNCTION translog_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''the log is append-only''; END';
-- only: postgres
CREATE TRIGGER translog_leaf_stays BEFORE UPDATE OF seq, id, subject, entry, at ON translog_leaf FOR EACH STATEMENT EXECUTE FUNCTION translog_append_only();
-- only: postgres
CREATE TRIGGER translog_leaf_placed BEFORE UPDATE OF idx ON translog_leaf FOR EACH ROW WHEN (OLD.idx IS NOT NULL) EXECUTE FUNCTION translog_append_only();
-- only: postgres
CREATE TRIGGER translog_leaf_erased BEFORE UPDATE OF salt ON translog_leaf FOR EACH ROW WHEN (OLD.salt IS NULL AND NEW.salt IS NOT NULL) EXECUTE FUNCTION translog_append_only();
-- only: postgres
CREATE TRIGGER translog_leaf_keeps BEFORE DELETE OR TRUNCATE ON translog_leaf FOR EACH STATEMENT EXECUTE FUNCTION translog_append_only();
-- only: postgres
CREATE TRIGGER translog_hash_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON translog_hash FOR EACH STATEMENT EXECUTE FUNCTION translog_append_only();
-- only: postgres
CREATE TRIGGER translog_checkpoint_stays BEFORE UPDATE OF size, root ON translog_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION translog_append_only();
-- only: postgres
CREATE TRIGGER translog_checkpoint_keeps BEFORE DELETE OR TRUNCATE ON translog_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION translog_append_only();
