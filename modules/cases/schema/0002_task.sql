-- A task is a part of what a case needs that another sector or organisation
-- carries out. The owner of the case stays its owner; the sector answers for
-- the part whoever does it, and for as long as nobody does (org is NULL).
CREATE TABLE cases_task (
	id      {{id}}   NOT NULL PRIMARY KEY,
	case_id {{id}}   NOT NULL REFERENCES cases_case (id),
	part    {{text}} NOT NULL CHECK (part <> ''),
	sector  {{text}} NOT NULL CHECK (sector <> ''),
	org     {{id}},
	state   {{text}} NOT NULL CHECK (state IN ('open', 'doing', 'blocked', 'done', 'withdrawn')),
	blocked_reason {{text}},
	since   {{time}} NOT NULL,
	made_at {{time}} NOT NULL,
	made_by {{id}},
	version {{int}}  NOT NULL,
	CHECK ((state = 'blocked') = (blocked_reason IS NOT NULL)),
	CHECK (state NOT IN ('doing', 'blocked', 'done') OR org IS NOT NULL)
) {{table}};
-- Nobody is asked twice for one part: two who serve the same family do so knowingly.
CREATE UNIQUE INDEX cases_task_once ON cases_task (case_id, part, sector) WHERE state IN ('open', 'doing', 'blocked');
CREATE INDEX cases_task_case ON cases_task (case_id);
CREATE INDEX cases_task_org ON cases_task (org, since) WHERE state IN ('open', 'doing', 'blocked');
CREATE INDEX cases_task_sector ON cases_task (sector, since) WHERE state IN ('open', 'doing', 'blocked');
