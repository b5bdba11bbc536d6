-- Where a team says it is, and when it means to be back. One row a team: the
-- last word. Nobody's phone is followed.
CREATE TABLE field_whereabouts (
	team   {{id}}   NOT NULL PRIMARY KEY REFERENCES field_team (id),
	place  {{text}} NOT NULL,
	at     {{time}} NOT NULL,
	back   {{time}}
) {{table}};

-- How many people a mission found, by how they were. Numbers only, never names.
-- What was told by mistake is taken back, and stays on record as taken back.
CREATE TABLE field_found (
	id       {{id}}   NOT NULL PRIMARY KEY,
	mission  {{id}}   NOT NULL REFERENCES field_mission (id),
	stop     {{id}}   REFERENCES field_stop (id),
	safe     {{int}}  NOT NULL CHECK (safe BETWEEN 0 AND 20000),
	hurt     {{int}}  NOT NULL CHECK (hurt BETWEEN 0 AND 20000),
	dead     {{int}}  NOT NULL CHECK (dead BETWEEN 0 AND 20000),
	account  {{id}},
	at       {{time}} NOT NULL,
	undone   {{time}}
) {{table}};
CREATE INDEX field_found_mission ON field_found (mission, at);

-- A stop at a place instead of at a case: somebody goes and asks who is there.
-- households is the estimate it was made from; met is how many were spoken to.
CREATE TABLE field_outreach (
	id         {{id}}   NOT NULL PRIMARY KEY,
	mission    {{id}}   NOT NULL REFERENCES field_mission (id),
	seq        {{int}}  NOT NULL CHECK (seq > 0),
	place      {{text}} NOT NULL,
	households {{int}}  NOT NULL CHECK (households >= 0),
	state      {{text}} NOT NULL CHECK (state IN ('waiting', 'visited', 'not_reached', 'cancelled')),
	met        {{int}}  NOT NULL CHECK (met BETWEEN 0 AND 20000),
	reason     {{text}},
	changed_at {{time}} NOT NULL,
	UNIQUE (mission, seq),
	CHECK ((state = 'not_reached') = (reason IS NOT NULL)),
	CHECK (state = 'visited' OR met = 0)
) {{table}};
CREATE UNIQUE INDEX field_outreach_open ON field_outreach (place) WHERE state = 'waiting';
CREATE INDEX field_outreach_mission ON field_outreach (mission, seq);

-- What the printed list has beside each family instead of anything of theirs: a
-- random sign that opens the page of its stop to whoever is on the mission.
CREATE TABLE field_sign (
	sign    {{text}} NOT NULL PRIMARY KEY,
	stop    {{id}}   NOT NULL UNIQUE REFERENCES field_stop (id),
	made_at {{time}} NOT NULL
) {{table}};
