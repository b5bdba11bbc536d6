-- The channel of a mission, from the first time that somebody did anything on
-- it. ended_at is when the mission ended: nobody writes from then on.
CREATE TABLE talk_channel (
	mission      {{id}}   NOT NULL PRIMARY KEY,
	version      {{int}}  NOT NULL,
	ended_at     {{time}},
	forgotten_at {{time}}
) {{table}};
CREATE INDEX talk_channel_ended ON talk_channel (ended_at) WHERE forgotten_at IS NULL;

-- Somebody who talks on the channel of a mission. n is how others see them:
-- "Volunteer 3". The phone is sealed; phone_key finds it when a text comes.
CREATE TABLE talk_member (
	id        {{id}}   NOT NULL PRIMARY KEY,
	mission   {{id}}   NOT NULL,
	n         {{int}}  NOT NULL CHECK (n > 0),
	role      {{text}} NOT NULL CHECK (role IN ('leader', 'volunteer', 'coordinator', 'dispatcher', 'crisis_cell')),
	account   {{id}},
	person    {{text}},
	phone     {{bytes}},
	phone_key {{bytes}},
	lang      {{text}} NOT NULL,
	texts     {{bool}} NOT NULL,
	made_at   {{time}} NOT NULL,
	UNIQUE (mission, n),
	CHECK (account IS NOT NULL OR person IS NOT NULL)
) {{table}};
CREATE UNIQUE INDEX talk_member_account ON talk_member (mission, account) WHERE account IS NOT NULL;
CREATE UNIQUE INDEX talk_member_person ON talk_member (mission, person) WHERE person IS NOT NULL;
CREATE INDEX talk_member_phone ON talk_member (phone_key) WHERE phone_key IS NOT NULL;

-- One message. body is sealed, and goes when the channel is forgotten. once
-- tells a text message that is read again after a crash.
CREATE TABLE talk_message (
	id        {{id}}   NOT NULL PRIMARY KEY,
	mission   {{id}}   NOT NULL,
	member    {{id}}   NOT NULL REFERENCES talk_member (id),
	body      {{bytes}},
	via       {{text}} NOT NULL CHECK (via IN ('web', 'sms')),
	once      {{text}} UNIQUE,
	texts     {{int}}  NOT NULL CHECK (texts >= 0),
	at        {{time}} NOT NULL,
	hidden_at {{time}},
	hidden_by {{id}},
	task_at   {{time}},
	task_by   {{id}},
	done_at   {{time}},
	done_by   {{id}},
	CHECK (done_at IS NULL OR task_at IS NOT NULL)
) {{table}};
CREATE INDEX talk_message_mission ON talk_message (mission, at, id);
CREATE INDEX talk_message_member ON talk_message (member, at);
