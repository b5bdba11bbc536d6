-- What waits to be counted in public, and in which lot it then was. A unit is
-- counted once: its lot is written once and never changed. It holds the number
-- of a thing, where it lies, and what it is told apart by: nothing of a person.
CREATE TABLE release_unit (
	kind   {{text}} NOT NULL,
	unit   {{text}} NOT NULL,
	place  {{text}} NOT NULL,
	at     {{time}} NOT NULL,
	people {{int}}  NOT NULL CHECK (people >= 0),
	tags   {{text}} NOT NULL,
	lot    {{id}},
	PRIMARY KEY (kind, unit)
) {{table}};
CREATE INDEX release_unit_waits ON release_unit (kind, place) WHERE lot IS NULL;
CREATE INDEX release_unit_lot ON release_unit (lot) WHERE lot IS NOT NULL;

-- A lot is units that were published together: at least five, under the name of
-- one place. Everything that the public reads is made of lots and of cells.
-- told is whether its units were told apart already; people is rounded down.
CREATE TABLE release_lot (
	id     {{id}}   NOT NULL PRIMARY KEY,
	kind   {{text}} NOT NULL,
	place  {{text}} NOT NULL,
	n      {{int}}  NOT NULL CHECK (n >= 5),
	people {{int}}  NOT NULL CHECK (people >= 0),
	moment {{time}} NOT NULL,
	told   {{int}}  NOT NULL CHECK (told IN (0, 1))
) {{table}};
CREATE INDEX release_lot_moment ON release_lot (kind, moment);
CREATE INDEX release_lot_untold ON release_lot (kind, place) WHERE told = 0;

-- How the units of some lots are told apart, by need, by channel …; category ''
-- is those of whom it is not told.
CREATE TABLE release_cell (
	batch    {{id}}   NOT NULL,
	kind     {{text}} NOT NULL,
	place    {{text}} NOT NULL,
	moment   {{time}} NOT NULL,
	dim      {{text}} NOT NULL,
	category {{text}} NOT NULL,
	n        {{int}}  NOT NULL CHECK (n >= 5),
	PRIMARY KEY (batch, dim, category)
) {{table}};
CREATE INDEX release_cell_read ON release_cell (kind, dim, moment);

-- From when on what changed was not looked at yet, and when a kind was last published.
CREATE TABLE release_mark (
	kind   {{text}} NOT NULL PRIMARY KEY,
	since  {{time}} NOT NULL,
	moment {{time}} NOT NULL
) {{table}};
