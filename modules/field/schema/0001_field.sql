-- A team is people who set out together. It is on one open mission at most:
-- see field_mission_team_open.
CREATE TABLE field_team (
	id         {{id}}   NOT NULL PRIMARY KEY,
	org        {{id}}   NOT NULL,
	name_ar    {{text}} NOT NULL,
	name_fr    {{text}} NOT NULL,
	sort       {{text}} NOT NULL,
	skills     {{text}} NOT NULL,
	languages  {{text}} NOT NULL,
	people     {{int}}  NOT NULL CHECK (people BETWEEN 1 AND 999),
	base       {{text}} NOT NULL,
	state      {{text}} NOT NULL CHECK (state IN ('ready', 'away', 'disbanded')),
	made_at    {{time}} NOT NULL,
	changed_at {{time}} NOT NULL,
	version    {{int}}  NOT NULL,
	CHECK (name_ar <> '' OR name_fr <> '')
) {{table}};
CREATE INDEX field_team_sort ON field_team (sort, id);
CREATE INDEX field_team_org ON field_team (org, sort, id);

-- A mission is one journey of a team. closed_at is when it ended, either way.
CREATE TABLE field_mission (
	id          {{id}}   NOT NULL PRIMARY KEY,
	org         {{id}}   NOT NULL,
	team        {{id}}   NOT NULL REFERENCES field_team (id),
	state       {{text}} NOT NULL CHECK (state IN ('planned', 'departed', 'closed', 'cancelled')),
	planned_at  {{time}} NOT NULL,
	departed_at {{time}},
	closed_at   {{time}},
	made_at     {{time}} NOT NULL,
	changed_at  {{time}} NOT NULL,
	version     {{int}}  NOT NULL,
	CHECK ((state IN ('departed', 'closed')) = (departed_at IS NOT NULL)),
	CHECK ((state IN ('closed', 'cancelled')) = (closed_at IS NOT NULL))
) {{table}};
CREATE UNIQUE INDEX field_mission_team_open ON field_mission (team) WHERE state IN ('planned', 'departed');
CREATE INDEX field_mission_state ON field_mission (state, planned_at, id);
CREATE INDEX field_mission_time ON field_mission (planned_at, id);
CREATE INDEX field_mission_of_team ON field_mission (team, planned_at);

-- A stop is a visit to the people of one case. Where they are is kept as it was
-- when the stop was made, and follows the case when somebody locates it anew.
CREATE TABLE field_stop (
	id         {{id}}   NOT NULL PRIMARY KEY,
	mission    {{id}}   NOT NULL REFERENCES field_mission (id),
	seq        {{int}}  NOT NULL CHECK (seq > 0),
	case_id    {{id}}   NOT NULL,
	service    {{text}} NOT NULL,
	place      {{text}},
	commune    {{text}},
	state      {{text}} NOT NULL CHECK (state IN ('waiting', 'delivered', 'not_reached')),
	reason     {{text}},
	changed_at {{time}} NOT NULL,
	UNIQUE (mission, seq),
	CHECK ((state = 'not_reached') = (reason IS NOT NULL))
) {{table}};
CREATE UNIQUE INDEX field_stop_case_open ON field_stop (case_id) WHERE state = 'waiting';
CREATE INDEX field_stop_case ON field_stop (case_id);
CREATE INDEX field_stop_commune ON field_stop (commune) WHERE state = 'waiting';

-- One good of a mission's manifest, in whole units. delivered is the sum of the
-- deliveries, kept here so that the database itself refuses to hand out more
-- than was loaded.
CREATE TABLE field_line (
	mission     {{id}}   NOT NULL REFERENCES field_mission (id),
	good        {{text}} NOT NULL,
	loaded      {{int}}  NOT NULL CHECK (loaded BETWEEN 1 AND 1000000),
	delivered   {{int}}  NOT NULL CHECK (delivered >= 0),
	returned    {{int}}  NOT NULL CHECK (returned >= 0),
	lost        {{int}}  NOT NULL CHECK (lost >= 0),
	lost_reason {{text}},
	PRIMARY KEY (mission, good),
	CHECK (delivered + returned + lost <= loaded),
	CHECK ((lost > 0) = (lost_reason IS NOT NULL))
) {{table}};

-- A delivery is what was handed over at one stop, and how it was proved. The
-- name of a witness is sealed, and goes when the case is erased.
CREATE TABLE field_delivery (
	id       {{id}}   NOT NULL PRIMARY KEY,
	mission  {{id}}   NOT NULL REFERENCES field_mission (id),
	stop     {{id}}   NOT NULL UNIQUE REFERENCES field_stop (id),
	proof    {{text}} NOT NULL CHECK (proof IN ('code', 'witness')),
	relation {{text}},
	witness  {{bytes}},
	account  {{id}},
	at       {{time}} NOT NULL,
	CHECK ((proof = 'witness') = (relation IS NOT NULL)),
	CHECK (proof = 'witness' OR witness IS NULL)
) {{table}};
CREATE INDEX field_delivery_mission ON field_delivery (mission);

CREATE TABLE field_delivered (
	delivery {{id}}   NOT NULL REFERENCES field_delivery (id),
	good     {{text}} NOT NULL,
	quantity {{int}}  NOT NULL CHECK (quantity > 0),
	PRIMARY KEY (delivery, good)
) {{table}};
