-- The paper itself that a payment rests on, sealed: it names people and their accounts.
-- sum is SHA-256 of what it was before.
CREATE TABLE giving_paper (
	sum     {{text}}  NOT NULL PRIMARY KEY,
	kind    {{text}}  NOT NULL CHECK (kind IN ('pdf', 'jpeg', 'png')),
	size    {{int}}   NOT NULL CHECK (size > 0),
	body    {{bytes}} NOT NULL,
	made_at {{time}}  NOT NULL
) {{table}};
CREATE INDEX giving_spending_document ON giving_spending (document) WHERE document <> '';
