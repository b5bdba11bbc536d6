-- How often somebody was called without an answer.
ALTER TABLE reach_call ADD COLUMN tries {{int}} NOT NULL DEFAULT 0;

-- Who listened to a voice note last, and when: a player that asks for it in
-- pieces is one listening, and one line in the journal.
CREATE TABLE reach_listened (
	note    {{id}}   NOT NULL REFERENCES reach_note (id) ON DELETE CASCADE,
	account {{id}}   NOT NULL,
	at      {{time}} NOT NULL,
	PRIMARY KEY (note, account)
) {{table}};

CREATE INDEX reach_heard_aside ON reach_heard (state, heard_at) WHERE state IN ('flood', 'broken');
