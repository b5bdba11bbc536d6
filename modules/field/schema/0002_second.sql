-- What a person replaced when two phones told of one handover. Nothing is lost:
-- the delivery that no longer counts stays here, without its witness.
CREATE TABLE field_replaced (
	id          {{id}}   NOT NULL PRIMARY KEY,
	mission     {{id}}   NOT NULL REFERENCES field_mission (id),
	stop        {{id}}   NOT NULL REFERENCES field_stop (id),
	goods       {{text}} NOT NULL,
	proof       {{text}} NOT NULL,
	relation    {{text}},
	account     {{id}},
	at          {{time}} NOT NULL,
	instead     {{id}}   NOT NULL,
	replaced_at {{time}} NOT NULL
) {{table}};
CREATE INDEX field_replaced_mission ON field_replaced (mission);
