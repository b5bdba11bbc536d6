-- An offer is goods, transport or shelter that somebody puts at the disposal of
-- an organisation, or, where org is none, of whoever can use it. private holds
-- name, phone, own words: sealed. taken counts the units that are no longer
-- free: chosen for a need, or loaded on a mission.
CREATE TABLE hands_offer (
	id          {{id}}   NOT NULL PRIMARY KEY,
	receipt     {{text}} NOT NULL UNIQUE,
	kind        {{text}} NOT NULL CHECK (kind IN ('goods', 'transport', 'shelter')),
	thing       {{text}} NOT NULL,
	units       {{int}}  NOT NULL CHECK (units BETWEEN 1 AND 100000),
	taken       {{int}}  NOT NULL,
	seats       {{int}}  NOT NULL CHECK (seats >= 0),
	kg          {{int}}  NOT NULL CHECK (kg >= 0),
	road        {{text}},
	good_till   {{time}},
	from_at     {{time}} NOT NULL,
	until       {{time}} NOT NULL,
	who         {{text}} NOT NULL CHECK (who IN ('person', 'shop', 'company', 'organisation')),
	org         {{id}},
	call        {{id}} REFERENCES hands_call (id),
	place       {{text}},
	commune     {{text}},
	province    {{text}},
	region      {{text}},
	state       {{text}} NOT NULL CHECK (state IN ('open', 'withdrawn', 'expired')),
	answer      {{text}} CHECK (answer IN ('taken', 'thanked')),
	lang        {{text}} NOT NULL,
	private     {{bytes}},
	secret_key  {{bytes}},
	asked_key   {{bytes}} NOT NULL,
	made_at     {{time}} NOT NULL,
	changed_at  {{time}} NOT NULL,
	answered_at {{time}},
	flagged_at  {{time}},
	reminded_at {{time}},
	ended_at    {{time}},
	erased_at   {{time}},
	version     {{int}}  NOT NULL,
	CHECK (taken BETWEEN 0 AND units),
	CHECK ((answer IS NULL) = (answered_at IS NULL)),
	CHECK ((state = 'open') = (ended_at IS NULL)),
	CHECK (erased_at IS NULL OR (private IS NULL AND secret_key IS NULL AND state <> 'open'))
) {{table}};
CREATE INDEX hands_offer_list ON hands_offer (state, made_at, id);
CREATE INDEX hands_offer_org ON hands_offer (org, state, made_at, id) WHERE org IS NOT NULL;
CREATE INDEX hands_offer_until ON hands_offer (until) WHERE state = 'open';
CREATE INDEX hands_offer_call ON hands_offer (call) WHERE call IS NOT NULL;
CREATE INDEX hands_offer_named ON hands_offer (ended_at) WHERE erased_at IS NULL AND ended_at IS NOT NULL;

-- A match is an offer that a person chose for a need. need points at it:
-- "case/ID", "mission/ID", or "stock" where an organisation takes it for
-- later. Of units, held still wait with the giver, used served without a
-- mission of this house, and the rest was loaded or is free again.
CREATE TABLE hands_match (
	id         {{id}}   NOT NULL PRIMARY KEY,
	offer      {{id}}   NOT NULL REFERENCES hands_offer (id),
	org        {{id}}   NOT NULL,
	need       {{text}} NOT NULL,
	place      {{text}},
	units      {{int}}  NOT NULL CHECK (units BETWEEN 1 AND 100000),
	held       {{int}}  NOT NULL CHECK (held >= 0),
	used       {{int}}  NOT NULL CHECK (used >= 0),
	state      {{text}} NOT NULL CHECK (state IN ('standing', 'released', 'lapsed')),
	made_at    {{time}} NOT NULL,
	used_at    {{time}},
	changed_at {{time}} NOT NULL,
	CHECK (held + used <= units),
	CHECK (state = 'standing' OR held = 0),
	CHECK ((used > 0) = (used_at IS NOT NULL))
) {{table}};
CREATE INDEX hands_match_offer ON hands_match (offer, made_at, id);
CREATE INDEX hands_match_org ON hands_match (org, offer) WHERE held > 0;
CREATE INDEX hands_match_need ON hands_match (need);

-- What was loaded of an offer on a mission, in the order of loading. source
-- says where the units were taken from: a match, 'free', or 'back', those that
-- an earlier mission brought back. back and lost are known once it is settled.
CREATE TABLE hands_load (
	mission    {{id}}   NOT NULL,
	seq        {{int}}  NOT NULL CHECK (seq > 0),
	offer      {{id}}   NOT NULL REFERENCES hands_offer (id),
	org        {{id}}   NOT NULL,
	good       {{text}} NOT NULL,
	source     {{text}} NOT NULL,
	units      {{int}}  NOT NULL CHECK (units > 0),
	back       {{int}}  NOT NULL CHECK (back >= 0),
	lost       {{int}}  NOT NULL CHECK (lost >= 0),
	made_at    {{time}} NOT NULL,
	settled_at {{time}},
	PRIMARY KEY (mission, seq),
	UNIQUE (mission, offer, source),
	CHECK (back + lost <= units),
	CHECK (settled_at IS NOT NULL OR back + lost = 0)
) {{table}};
CREATE INDEX hands_load_offer ON hands_load (offer);

-- What of a load was handed over at one delivery.
CREATE TABLE hands_given (
	delivery {{id}}   NOT NULL,
	mission  {{id}}   NOT NULL,
	seq      {{int}}  NOT NULL,
	case_id  {{id}}   NOT NULL,
	units    {{int}}  NOT NULL CHECK (units > 0),
	at       {{time}} NOT NULL,
	PRIMARY KEY (delivery, mission, seq),
	FOREIGN KEY (mission, seq) REFERENCES hands_load (mission, seq)
) {{table}};
CREATE INDEX hands_given_load ON hands_given (mission, seq);

-- The last thing that the people of a case said of what came: whether it did.
CREATE TABLE hands_heard (
	case_id {{id}}   NOT NULL PRIMARY KEY,
	came    {{int}}  NOT NULL CHECK (came IN (0, 1)),
	at      {{time}} NOT NULL
) {{table}};

-- What a call for things calls for: the code of a good or of a kind of vehicle.
CREATE TABLE hands_want (
	call  {{id}}   NOT NULL PRIMARY KEY REFERENCES hands_call (id),
	thing {{text}} NOT NULL
) {{table}};
