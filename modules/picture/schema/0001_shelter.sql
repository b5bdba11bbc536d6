-- A place where people can go: a school, a hall, tents. Its name, its commune and
-- how many it takes are for everybody; a protected one is for those who must not
-- be found, and is never shown to anybody but the crisis cell and dispatchers.
CREATE TABLE picture_shelter (
	id        {{id}}   NOT NULL PRIMARY KEY,
	name      {{text}} NOT NULL CHECK (name <> ''),
	place     {{text}} NOT NULL CHECK (place <> ''),
	capacity  {{int}}  NOT NULL CHECK (capacity BETWEEN 1 AND 100000),
	fit       {{bool}} NOT NULL,
	protected {{bool}} NOT NULL,
	opened_at {{time}} NOT NULL,
	closed_at {{time}},
	changed_at {{time}} NOT NULL,
	version   {{int}}  NOT NULL
) {{table}};
CREATE INDEX picture_shelter_open ON picture_shelter (place) WHERE closed_at IS NULL;
