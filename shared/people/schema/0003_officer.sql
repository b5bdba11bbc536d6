-- Who presides over an organisation, keeps its money and its records, and who
-- did before: what an authority asks of an association, with dates. They need
-- no account here. The name is sealed.
CREATE TABLE people_officer (
	id       {{id}}    NOT NULL PRIMARY KEY,
	org      {{id}}    NOT NULL REFERENCES people_organisation (id),
	office   {{text}}  NOT NULL CHECK (office IN ('president', 'treasurer', 'secretary')),
	name     {{bytes}} NOT NULL,
	from_at  {{time}}  NOT NULL,
	until_at {{time}}  CHECK (until_at IS NULL OR until_at >= from_at),
	kept_by  {{id}}    REFERENCES people_account (id),
	kept_at  {{time}}  NOT NULL
) {{table}};
CREATE UNIQUE INDEX people_officer_now ON people_officer (org, office) WHERE until_at IS NULL;
CREATE INDEX people_officer_org ON people_officer (org, office, from_at);
