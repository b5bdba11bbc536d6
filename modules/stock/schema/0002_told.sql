-- Deliveries of which the public was told together: how many units of a good an
-- organisation gave in a commune, once enough families got some. A later batch of the
-- same good and commune corrects what was told before, with units below zero.
CREATE TABLE stock_told (
	batch   {{id}}   NOT NULL,
	ref     {{text}} NOT NULL,
	asset   {{text}} NOT NULL,
	units   {{int}}  NOT NULL CHECK (units <> 0),
	commune {{text}} NOT NULL,
	first   {{int}}  NOT NULL CHECK (first IN (0, 1)),
	leaf    {{id}},
	at      {{time}} NOT NULL,
	PRIMARY KEY (batch, ref)
) {{table}};
CREATE UNIQUE INDEX stock_told_once ON stock_told (asset, ref) WHERE first = 1;
