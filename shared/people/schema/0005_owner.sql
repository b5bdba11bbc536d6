-- Which organisation is the office of the State that answers in the last resort
-- at a place ('' is the whole country) for a service ('' is every one), as the
-- country pack names them. The organisation itself may be renamed by people.
CREATE TABLE people_owner (
	place   {{text}} NOT NULL,
	service {{text}} NOT NULL,
	org     {{id}}   NOT NULL REFERENCES people_organisation (id),
	kept_at {{time}} NOT NULL,
	PRIMARY KEY (place, service)
) {{table}};
