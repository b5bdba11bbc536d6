-- A device is a phone that somebody takes to the field. What it knows is sealed
-- on it with a key that comes from its holder's password and from salt. name is
-- what its holder calls it, sealed. session is where they last signed in on it:
-- whoever cuts the device off ends that too.
CREATE TABLE round_device (
	id        {{id}}    NOT NULL PRIMARY KEY,
	account   {{id}}    NOT NULL,
	org       {{id}},
	name      {{bytes}} NOT NULL,
	salt      {{bytes}} NOT NULL,
	state     {{text}}  NOT NULL CHECK (state IN ('active', 'cut')),
	session   {{id}},
	made_at   {{time}}  NOT NULL,
	seen_at   {{time}}  NOT NULL,
	packed_at {{time}},
	ended_at  {{time}},
	ended_by  {{id}},
	CHECK ((state = 'cut') = (ended_at IS NOT NULL))
) {{table}};
CREATE INDEX round_device_account ON round_device (account, made_at);
CREATE INDEX round_device_org ON round_device (org, seen_at, id);

-- A record is what was written down on a phone, under the identifier that the
-- phone gave it. digest says whether what comes again is the same. body is kept
-- sealed only while a person has to look at it; answers, those of a visit, as
-- long as the case that they are about. made_at is the phone's clock, which
-- nothing hangs on; skewed says that it cannot be right.
CREATE TABLE round_record (
	id         {{id}}    NOT NULL PRIMARY KEY,
	device     {{id}}    NOT NULL REFERENCES round_device (id),
	account    {{id}}    NOT NULL,
	org        {{id}},
	kind       {{text}}  NOT NULL CHECK (kind IN ('delivery', 'not_reached', 'visit', 'request', 'relay')),
	digest     {{bytes}} NOT NULL,
	state      {{text}}  NOT NULL CHECK (state IN ('taken', 'refused', 'conflict', 'settled')),
	why        {{text}},
	mission    {{id}},
	stop       {{id}},
	case_id    {{id}},
	form       {{text}},
	receipt    {{text}},
	body       {{bytes}},
	answers    {{bytes}},
	instead_of {{id}},
	made_at    {{time}},
	got_at     {{time}}  NOT NULL,
	skewed     {{bool}}  NOT NULL,
	choice     {{text}},
	reason     {{text}},
	settled_by {{id}},
	settled_at {{time}},
	CHECK ((state = 'settled') = (settled_at IS NOT NULL)),
	CHECK ((state = 'settled') = (choice IS NOT NULL))
) {{table}};
CREATE INDEX round_record_device ON round_record (device, got_at);
CREATE INDEX round_record_waits ON round_record (org, got_at, id) WHERE state = 'conflict';
CREATE INDEX round_record_case ON round_record (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX round_record_stop ON round_record (stop) WHERE stop IS NOT NULL;

-- A photo belongs to a record and comes in parts. When it is whole it is
-- decoded, made anew without what cameras write beside it, and sealed.
CREATE TABLE round_photo (
	id      {{id}}    NOT NULL PRIMARY KEY,
	record  {{id}}    NOT NULL,
	device  {{id}}    REFERENCES round_device (id),
	account {{id}}    NOT NULL,
	state   {{text}}  NOT NULL CHECK (state IN ('coming', 'whole')),
	size    {{int}}   NOT NULL CHECK (size > 0),
	sum     {{bytes}} NOT NULL,
	width   {{int}}   NOT NULL,
	height  {{int}}   NOT NULL,
	body    {{bytes}},
	made_at {{time}}  NOT NULL,
	done_at {{time}},
	CHECK ((state = 'whole') = (done_at IS NOT NULL))
) {{table}};
CREATE INDEX round_photo_record ON round_photo (record);
CREATE INDEX round_photo_coming ON round_photo (made_at) WHERE state = 'coming';

CREATE TABLE round_photo_part (
	id    {{id}}    NOT NULL PRIMARY KEY,
	photo {{id}}    NOT NULL REFERENCES round_photo (id),
	start {{int}}   NOT NULL CHECK (start >= 0),
	size  {{int}}   NOT NULL CHECK (size > 0),
	body  {{bytes}} NOT NULL,
	UNIQUE (photo, start)
) {{table}};
