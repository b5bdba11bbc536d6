-- A lot is what arrived at an organisation's depot at once: bought with a payment of a
-- fund, given, or found there when it was counted. The ledger has its units; this has
-- where they came from. minor is what it cost of its payment.
CREATE TABLE stock_lot (
	seq     {{serial}},
	id      {{id}}   NOT NULL UNIQUE,
	org     {{id}}   NOT NULL,
	good    {{text}} NOT NULL,
	units   {{int}}  NOT NULL CHECK (units BETWEEN 1 AND 1000000),
	source  {{text}} NOT NULL CHECK (source IN ('bought', 'given', 'counted')),
	payment {{text}},
	minor   {{int}} CHECK (minor > 0),
	account {{id}},
	entry   {{id}}   NOT NULL UNIQUE,
	at      {{time}} NOT NULL,
	CHECK ((source = 'bought') = (payment IS NOT NULL)),
	CHECK ((payment IS NULL) = (minor IS NULL))
) {{table}};
CREATE INDEX stock_lot_payment ON stock_lot (payment, seq) WHERE payment IS NOT NULL;
CREATE INDEX stock_lot_org ON stock_lot (org, seq);

-- How much of a payment has become goods: never more than was paid, whoever writes down
-- what arrived at the same moment.
CREATE TABLE stock_payment (
	payment {{text}} NOT NULL PRIMARY KEY,
	minor   {{int}}  NOT NULL CHECK (minor > 0),
	taken   {{int}}  NOT NULL CHECK (taken BETWEEN 0 AND minor)
) {{table}};

-- What went missing at a depot, and why.
CREATE TABLE stock_loss (
	seq     {{serial}},
	id      {{id}}   NOT NULL UNIQUE,
	org     {{id}}   NOT NULL,
	good    {{text}} NOT NULL,
	units   {{int}}  NOT NULL CHECK (units BETWEEN 1 AND 1000000),
	reason  {{text}} NOT NULL,
	account {{id}},
	entry   {{id}}   NOT NULL UNIQUE,
	at      {{time}} NOT NULL
) {{table}};
CREATE INDEX stock_loss_org ON stock_loss (org, seq);
