-- A question that some part of the house put to a phone number outside of any
-- case: "can you still come tomorrow?". What was asked is sealed, and gone when
-- it was answered or nobody waits for it any more. first is the digit of its
-- first choice on that phone, 0 while it waits for its turn.
CREATE TABLE reach_question (
	id           {{id}}    NOT NULL PRIMARY KEY,
	conversation {{id}}    NOT NULL REFERENCES reach_conversation (id),
	kind         {{text}}  NOT NULL,
	subject      {{text}}  NOT NULL,
	body         {{bytes}},
	state        {{text}}  NOT NULL CHECK (state IN ('turn', 'open', 'heard', 'answered', 'over')),
	first        {{int}}   NOT NULL CHECK (first BETWEEN 0 AND 9),
	choices      {{int}}   NOT NULL CHECK (choices BETWEEN 2 AND 9),
	choice       {{int}}   NOT NULL,
	message      {{id}},
	heard        {{id}},
	made_at      {{time}}  NOT NULL,
	asked_at     {{time}},
	until        {{time}}  NOT NULL,
	done_at      {{time}},
	CHECK (state NOT IN ('heard', 'answered') OR choice > 0 AND heard IS NOT NULL),
	CHECK (state NOT IN ('answered', 'over') OR body IS NULL)
) {{table}};
CREATE INDEX reach_question_conversation ON reach_question (conversation, made_at);
CREATE INDEX reach_question_subject ON reach_question (subject);
CREATE INDEX reach_question_turn ON reach_question (until) WHERE state IN ('turn', 'open');

-- A number that only ever was written to must not be forgotten while something
-- for it waits.
CREATE INDEX reach_message_notice_waiting ON reach_message (conversation) WHERE kind = 'notice' AND state = 'waiting';
