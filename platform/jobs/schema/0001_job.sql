-- Work that must happen, later and for certain. A job is put here in the
-- transaction of what caused it, leased by one worker, and tried again with
-- growing pauses until it succeeds or somebody looks at it.
CREATE TABLE jobs_job (
	id          {{id}}   NOT NULL PRIMARY KEY,
	kind        {{text}} NOT NULL,
	once        {{text}} UNIQUE,
	body        {{text}} NOT NULL,
	run_at      {{time}} NOT NULL,
	tries       {{int}}  NOT NULL,
	leased_till {{time}},
	gave_up_at  {{time}},
	problem     {{text}}
) {{table}};
CREATE INDEX jobs_job_due ON jobs_job (run_at) WHERE gave_up_at IS NULL;

-- Chores that only one process of the house may do at a time, and when each
-- was last done.
CREATE TABLE jobs_lease (
	name    {{text}} NOT NULL PRIMARY KEY,
	holder  {{text}} NOT NULL,
	till    {{time}} NOT NULL,
	done_at {{time}}
) {{table}};
