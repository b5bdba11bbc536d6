-- A vehicle of a mission: what makes it a caravan. The plate and the driver's
-- name are sealed, and are erased some time after the mission has ended.
CREATE TABLE field_vehicle (
	id      {{id}}   NOT NULL PRIMARY KEY,
	mission {{id}}   NOT NULL REFERENCES field_mission (id),
	kind    {{text}} NOT NULL CHECK (kind IN ('lorry', 'van', 'pickup', '4x4', 'car', 'mule', 'helicopter', 'drone', 'foot')),
	road    {{text}} NOT NULL CHECK (road IN ('road', 'track', 'path', 'air')),
	kg      {{int}}  NOT NULL CHECK (kg BETWEEN 1 AND 60000),
	litres  {{int}}  NOT NULL CHECK (litres BETWEEN 1 AND 200000),
	seats   {{int}}  NOT NULL CHECK (seats BETWEEN 0 AND 99),
	offer   {{text}},
	plate   {{bytes}},
	driver  {{bytes}},
	made_at {{time}} NOT NULL
) {{table}};
CREATE INDEX field_vehicle_mission ON field_vehicle (mission, made_at, id);
CREATE INDEX field_vehicle_offer ON field_vehicle (offer) WHERE offer IS NOT NULL;

-- What an authority said to a mission. No row is the same as not_needed.
CREATE TABLE field_permit (
	mission    {{id}}   NOT NULL PRIMARY KEY REFERENCES field_mission (id),
	state      {{text}} NOT NULL CHECK (state IN ('not_needed', 'asked', 'granted', 'refused')),
	number     {{text}} NOT NULL,
	authority  {{text}} NOT NULL,
	dated      {{time}},
	changed_at {{time}} NOT NULL,
	CHECK (state <> 'granted' OR (number <> '' AND authority <> '' AND dated IS NOT NULL))
) {{table}};

-- How much of a mission's load comes from which offer, in whole units. It is
-- part of what field_line has loaded.
CREATE TABLE field_gift (
	mission {{id}}   NOT NULL REFERENCES field_mission (id),
	offer   {{text}} NOT NULL,
	good    {{text}} NOT NULL,
	units   {{int}}  NOT NULL CHECK (units > 0),
	PRIMARY KEY (mission, offer)
) {{table}};

-- What somebody said of the way to a place. Rows are added, never changed: the
-- last word counts, until it runs out.
CREATE TABLE field_road (
	id      {{id}}   NOT NULL PRIMARY KEY,
	place   {{text}} NOT NULL,
	state   {{text}} NOT NULL CHECK (state IN ('open', 'rough', 'foot', 'closed')),
	source  {{text}} NOT NULL CHECK (source IN ('seen', 'report', 'roads_service', 'authority', 'gendarmerie', 'other')),
	report  {{id}},
	since   {{time}} NOT NULL,
	until   {{time}},
	org     {{id}},
	at      {{time}} NOT NULL,
	CHECK (until IS NULL OR until > since)
) {{table}};
CREATE INDEX field_road_place ON field_road (place, since, at);
CREATE UNIQUE INDEX field_road_report ON field_road (report) WHERE report IS NOT NULL;
