-- Who looks after a child of whom a concern tells: proposed by one trained
-- person, linked by another. body holds name and phone, sealed; it goes with
-- what the concern says. One at a time.
CREATE TABLE cases_guardian (
	id          {{id}}   NOT NULL PRIMARY KEY,
	concern     {{id}}   NOT NULL REFERENCES cases_concern (id),
	kinship     {{text}} NOT NULL,
	body        {{bytes}},
	state       {{text}} NOT NULL CHECK (state IN ('proposed', 'linked', 'refused', 'ended')),
	reason      {{text}},
	proposed_by {{id}}   NOT NULL,
	proposed_at {{time}} NOT NULL,
	decided_by  {{id}},
	decided_at  {{time}},
	ended_by    {{id}},
	ended_at    {{time}},
	CHECK (decided_by IS NULL OR decided_by <> proposed_by OR state = 'refused'),
	CHECK (state <> 'linked' OR decided_by IS NOT NULL),
	CHECK ((state IN ('refused', 'ended')) = (reason IS NOT NULL))
) {{table}};
CREATE UNIQUE INDEX cases_guardian_open ON cases_guardian (concern) WHERE state IN ('proposed', 'linked');
CREATE INDEX cases_guardian_concern ON cases_guardian (concern, proposed_at);
