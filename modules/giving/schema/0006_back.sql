-- What was said of a line of the bank may be taken back: tries is how often it was, and
-- back is why the gift that it had been is to come again.
ALTER TABLE giving_line ADD COLUMN tries {{int}} NOT NULL DEFAULT 0;
ALTER TABLE giving_gift ADD COLUMN back {{text}} NOT NULL DEFAULT '' CHECK (back IN ('', 'other_gift', 'no_gift', 'slip'));
ALTER TABLE giving_gift ADD COLUMN back_at {{time}};
CREATE INDEX giving_line_told ON giving_line (fund, day, id) WHERE state <> 'open';
