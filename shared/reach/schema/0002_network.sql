-- What network a place has now, as somebody on the staff learnt it.
CREATE TABLE reach_network (
	place   {{text}} NOT NULL PRIMARY KEY,
	state   {{text}} NOT NULL CHECK (state IN ('data', 'voice', 'none')),
	account {{id}},
	at      {{time}} NOT NULL
) {{table}};
