-- A view is a filter of the queue that somebody kept under a name. The name is
-- sealed, for people write into names what they should not; name_key tells two of
-- one keeper apart. share says who else sees it: nobody, an organisation, or the
-- crisis cell and those who work for everybody.
CREATE TABLE room_view (
	id       {{id}}    NOT NULL PRIMARY KEY,
	account  {{id}}    NOT NULL,
	share    {{text}}  NOT NULL CHECK (share IN ('own', 'org', 'cell')),
	org      {{id}},
	name     {{bytes}} NOT NULL,
	name_key {{bytes}} NOT NULL,
	filter   {{text}}  NOT NULL,
	made_at  {{time}}  NOT NULL,
	version  {{int}}   NOT NULL,
	CHECK ((share = 'org') = (org IS NOT NULL)),
	UNIQUE (account, name_key)
) {{table}};
CREATE INDEX room_view_shared ON room_view (share, org);

-- A bulk is one deed for many cases: chosen, looked over, done, and for a short
-- time taken back. touched is written with each of its cases, so that nobody does
-- and undoes it at once.
CREATE TABLE room_bulk (
	id        {{id}}   NOT NULL PRIMARY KEY,
	account   {{id}}   NOT NULL,
	act       {{text}} NOT NULL CHECK (act IN ('claim', 'release', 'assign', 'visit')),
	team      {{id}},
	sector    {{text}} NOT NULL,
	state     {{text}} NOT NULL CHECK (state IN ('draft', 'done', 'undone')),
	touched   {{int}}  NOT NULL,
	made_at   {{time}} NOT NULL,
	done_at   {{time}},
	undone_at {{time}},
	CHECK ((state = 'draft') = (done_at IS NULL)),
	CHECK ((state = 'undone') = (undone_at IS NOT NULL))
) {{table}};
CREATE INDEX room_bulk_made ON room_bulk (made_at);

-- One case of a bulk: seen is its revision when it was chosen, after the one that
-- the bulk left, was what it takes to put it back. left: not done, and why; kept:
-- done and not put back, and why.
CREATE TABLE room_bulk_item (
	bulk    {{id}}   NOT NULL REFERENCES room_bulk (id),
	case_id {{id}}   NOT NULL,
	n       {{int}}  NOT NULL,
	seen    {{int}}  NOT NULL,
	state   {{text}} NOT NULL CHECK (state IN ('chosen', 'left', 'done', 'undone', 'kept')),
	after   {{int}},
	was     {{bytes}},
	reason  {{text}},
	PRIMARY KEY (bulk, case_id),
	CHECK ((state IN ('done', 'undone', 'kept')) = (after IS NOT NULL)),
	CHECK ((state IN ('left', 'kept')) = (reason IS NOT NULL))
) {{table}};

-- What whoever leaves a shift writes for whoever comes. facts are identifiers and
-- numbers, body is sealed. One note of a shift area waits to be signed at a time.
CREATE TABLE room_note (
	id        {{id}}    NOT NULL PRIMARY KEY,
	area      {{text}}  NOT NULL,
	org       {{id}},
	slot      {{text}}  NOT NULL,
	account   {{id}}    NOT NULL,
	body      {{bytes}} NOT NULL,
	facts     {{text}}  NOT NULL,
	since     {{time}}  NOT NULL,
	made_at   {{time}}  NOT NULL,
	signed_by {{id}},
	signed_at {{time}},
	CHECK ((signed_by IS NULL) = (signed_at IS NULL))
) {{table}};
CREATE UNIQUE INDEX room_note_waits ON room_note (slot) WHERE signed_at IS NULL;
CREATE INDEX room_note_slot ON room_note (slot, made_at);
CREATE INDEX room_note_made ON room_note (made_at);

-- Who opened the words of a note: it is signed only by whoever read it.
CREATE TABLE room_note_read (
	note    {{id}}   NOT NULL REFERENCES room_note (id),
	account {{id}}   NOT NULL,
	at      {{time}} NOT NULL,
	PRIMARY KEY (note, account)
) {{table}};
