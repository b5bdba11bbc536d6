-- An order to clear what fell down at one site. Who leads the crew is reached
-- by the phone, which is sealed. stopped_for is the request that stopped it.
CREATE TABLE works_order (
	id          {{id}}   NOT NULL PRIMARY KEY,
	org         {{id}}   NOT NULL,
	place       {{text}} NOT NULL,
	lat         {{real}},
	lon         {{real}},
	volume      {{int}}  NOT NULL CHECK (volume BETWEEN 1 AND 1000000),
	dangers     {{text}} NOT NULL,
	phone       {{bytes}},
	lang        {{text}} NOT NULL,
	state       {{text}} NOT NULL CHECK (state IN ('planned', 'working', 'stopped', 'done', 'cancelled')),
	stopped_for {{id}},
	made_at     {{time}} NOT NULL,
	begun_at    {{time}},
	stopped_at  {{time}},
	ended_at    {{time}},
	changed_at  {{time}} NOT NULL,
	version     {{int}}  NOT NULL,
	CHECK ((lat IS NULL) = (lon IS NULL)),
	CHECK (state <> 'working' OR begun_at IS NOT NULL),
	CHECK ((state IN ('done', 'cancelled')) = (ended_at IS NOT NULL))
) {{table}};
CREATE INDEX works_order_state ON works_order (state, made_at, id);

-- A report that somebody who may has looked into: nobody is under this rubble
-- because of it, and why they are sure.
CREATE TABLE works_apart (
	works_order {{id}}   NOT NULL REFERENCES works_order (id),
	case_id     {{id}}   NOT NULL,
	reason      {{text}} NOT NULL,
	account     {{id}},
	at          {{time}} NOT NULL,
	PRIMARY KEY (works_order, case_id)
) {{table}};

-- A picture before or after, sealed; body goes after the time to keep.
CREATE TABLE works_photo (
	id          {{id}}   NOT NULL PRIMARY KEY,
	works_order {{id}}   NOT NULL REFERENCES works_order (id),
	moment      {{text}} NOT NULL CHECK (moment IN ('before', 'after')),
	sum         {{bytes}} NOT NULL,
	width       {{int}}  NOT NULL,
	height      {{int}}  NOT NULL,
	body        {{bytes}},
	account     {{id}},
	made_at     {{time}} NOT NULL,
	UNIQUE (works_order, sum)
) {{table}};
CREATE INDEX works_photo_made ON works_photo (made_at) WHERE body IS NOT NULL;
