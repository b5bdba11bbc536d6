-- A text that one person of the staff wrote for everybody with an open request
-- in some communes, and another sent. What was written is sealed, and
-- kept: it can be read what was sent, by whom, and for which communes.
CREATE TABLE reach_campaign (
	id        {{id}}    NOT NULL PRIMARY KEY,
	province  {{text}}  NOT NULL,
	communes  {{text}}  NOT NULL,
	service   {{text}}  NOT NULL,
	body      {{bytes}} NOT NULL,
	state     {{text}}  NOT NULL CHECK (state IN ('draft', 'sent', 'withdrawn')),
	author    {{id}}    NOT NULL,
	sender    {{id}},
	people    {{int}}   NOT NULL,
	parts     {{int}}   NOT NULL,
	minor     {{int}}   NOT NULL,
	made_at   {{time}}  NOT NULL,
	done_at   {{time}},
	CHECK (state <> 'sent' OR sender IS NOT NULL AND sender <> author)
) {{table}};
CREATE INDEX reach_campaign_made ON reach_campaign (made_at);
