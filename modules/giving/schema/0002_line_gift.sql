-- The line of the bank that a gift came by is looked for when somebody follows the gift.
CREATE INDEX giving_line_gift ON giving_line (gift) WHERE gift IS NOT NULL;
