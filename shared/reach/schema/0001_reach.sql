-- A conversation is one person at one address of one channel. The address can
-- be found by its blind index and is sealed; so is how far the talk has come,
-- which holds what they answered and is emptied when their request is sent.
CREATE TABLE reach_conversation (
	id          {{id}}    NOT NULL PRIMARY KEY,
	channel     {{text}}  NOT NULL CHECK (channel IN ('sms', 'ussd', 'voice', 'telegram', 'whatsapp')),
	address_key {{bytes}} NOT NULL,
	address     {{bytes}} NOT NULL,
	gateway     {{text}}  NOT NULL,
	lang        {{text}}  NOT NULL,
	spoken      {{text}}  NOT NULL,
	talk        {{bytes}},
	asking      {{int}}   NOT NULL CHECK (asking IN (0, 1)),
	stopped_at  {{time}},
	wrote_at    {{time}},
	made_at     {{time}}  NOT NULL,
	revision    {{int}}   NOT NULL,
	UNIQUE (channel, address_key)
) {{table}};
CREATE INDEX reach_conversation_unfinished ON reach_conversation (wrote_at) WHERE asking = 1;

-- What came in, kept before the network is thanked for it. The network's own
-- name makes a message told twice one message.
CREATE TABLE reach_heard (
	id          {{id}}    NOT NULL PRIMARY KEY,
	gateway     {{text}}  NOT NULL,
	name        {{text}}  NOT NULL,
	channel     {{text}}  NOT NULL,
	address_key {{bytes}} NOT NULL,
	body        {{bytes}},
	series      {{int}}   NOT NULL,
	part        {{int}}   NOT NULL,
	parts       {{int}}   NOT NULL,
	state       {{text}}  NOT NULL CHECK (state IN ('waiting', 'done', 'flood', 'broken')),
	heard_at    {{time}}  NOT NULL,
	run_at      {{time}}  NOT NULL,
	leased_till {{time}},
	done_at     {{time}},
	tries       {{int}}   NOT NULL,
	UNIQUE (gateway, name),
	CHECK (state <> 'done' OR body IS NULL)
) {{table}};
CREATE INDEX reach_heard_waiting ON reach_heard (run_at, heard_at, id) WHERE state = 'waiting';
CREATE INDEX reach_heard_address ON reach_heard (address_key, heard_at);

-- What goes out: an answer to what somebody wrote, or a notice of how their
-- request stands. The text is sealed, and gone when its use is over.
CREATE TABLE reach_message (
	id          {{id}}    NOT NULL PRIMARY KEY,
	conversation {{id}}   NOT NULL REFERENCES reach_conversation (id),
	channel     {{text}}  NOT NULL,
	gateway     {{text}}  NOT NULL,
	kind        {{text}}  NOT NULL CHECK (kind IN ('answer', 'notice')),
	subject     {{text}}  NOT NULL,
	once        {{text}}  UNIQUE,
	body        {{bytes}},
	lang        {{text}}  NOT NULL,
	level       {{int}}   NOT NULL CHECK (level BETWEEN 1 AND 4),
	parts       {{int}}   NOT NULL,
	state       {{text}}  NOT NULL CHECK (state IN ('waiting', 'taken', 'delivered', 'failed', 'unsure', 'dropped')),
	code        {{text}}  NOT NULL,
	ref         {{text}},
	tries       {{int}}   NOT NULL,
	made_at     {{time}}  NOT NULL,
	not_before  {{time}}  NOT NULL,
	valid_till  {{time}}  NOT NULL,
	leased_till {{time}},
	sent_at     {{time}},
	done_at     {{time}}
) {{table}};
CREATE INDEX reach_message_waiting ON reach_message (channel, level, not_before, id) WHERE state = 'waiting';
CREATE INDEX reach_message_ref ON reach_message (gateway, ref) WHERE ref IS NOT NULL;
CREATE INDEX reach_message_subject ON reach_message (subject, made_at);
CREATE INDEX reach_message_unsent ON reach_message (state, made_at) WHERE state IN ('failed', 'unsure');
CREATE INDEX reach_message_made ON reach_message (made_at);

-- A report can overtake the answer to the sending it is about.
CREATE TABLE reach_report (
	gateway {{text}} NOT NULL,
	ref     {{text}} NOT NULL,
	state   {{text}} NOT NULL,
	code    {{text}} NOT NULL,
	at      {{time}} NOT NULL,
	PRIMARY KEY (gateway, ref, state)
) {{table}};

-- Who is told of a case: the conversation that asked, or that proved to hold
-- its receipt.
CREATE TABLE reach_holder (
	subject      {{text}} NOT NULL,
	conversation {{id}}   NOT NULL REFERENCES reach_conversation (id),
	made_at      {{time}} NOT NULL,
	PRIMARY KEY (subject, conversation)
) {{table}};
CREATE INDEX reach_holder_conversation ON reach_holder (conversation, made_at);

-- A voice note, sealed: a person's own voice, for whoever works their case.
CREATE TABLE reach_note (
	id           {{id}}    NOT NULL PRIMARY KEY,
	conversation {{id}}    NOT NULL REFERENCES reach_conversation (id),
	subject      {{text}}  NOT NULL,
	media        {{text}}  NOT NULL,
	seconds      {{int}}   NOT NULL,
	body         {{bytes}},
	made_at      {{time}}  NOT NULL
) {{table}};
CREATE INDEX reach_note_subject ON reach_note (subject) WHERE subject <> '';

-- Somebody who is to be called.
CREATE TABLE reach_call (
	id           {{id}}   NOT NULL PRIMARY KEY,
	conversation {{id}}   NOT NULL REFERENCES reach_conversation (id),
	subject      {{text}} NOT NULL,
	lang         {{text}} NOT NULL,
	spoken       {{text}} NOT NULL,
	state        {{text}} NOT NULL CHECK (state IN ('waiting', 'taken', 'done')),
	result       {{text}} NOT NULL,
	account      {{id}},
	made_at      {{time}} NOT NULL,
	due_at       {{time}} NOT NULL,
	taken_at     {{time}},
	done_at      {{time}}
) {{table}};
CREATE INDEX reach_call_open ON reach_call (due_at, id) WHERE state <> 'done';

-- Recorded sentences of the telephone menu.
CREATE TABLE reach_prompt (
	lang    {{text}}  NOT NULL,
	name    {{text}}  NOT NULL,
	media   {{text}}  NOT NULL,
	seconds {{int}}   NOT NULL,
	body    {{bytes}} NOT NULL,
	account {{id}},
	made_at {{time}}  NOT NULL,
	PRIMARY KEY (lang, name)
) {{table}};

-- What a gateway has sent on a day, for its caps.
CREATE TABLE reach_spent (
	gateway {{text}} NOT NULL,
	day     {{text}} NOT NULL,
	parts   {{int}}  NOT NULL,
	minor   {{int}}  NOT NULL,
	PRIMARY KEY (gateway, day)
) {{table}};

-- How a gateway is doing, and whether somebody has put it aside.
CREATE TABLE reach_gateway (
	name       {{text}} NOT NULL PRIMARY KEY,
	state      {{text}} NOT NULL,
	state_at   {{time}} NOT NULL,
	heard_at   {{time}},
	sent_at    {{time}},
	paused     {{int}}  NOT NULL CHECK (paused IN (0, 1))
) {{table}};
