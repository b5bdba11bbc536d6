-- Passkeys of staff: what the house keeps of each is public. The name that its
-- holder gave it is theirs, and sealed. counter is that of the last signature;
-- copied_at tells when it went back, so that there may be two of what should be
-- one: such a passkey opens nothing.
CREATE TABLE people_passkey (
	id         {{id}}    NOT NULL PRIMARY KEY,
	account    {{id}}    NOT NULL REFERENCES people_account (id),
	credential {{text}}  NOT NULL UNIQUE CHECK (credential <> ''),
	key        {{bytes}} NOT NULL,
	counter    {{int}}   NOT NULL CHECK (counter >= 0),
	flags      {{int}}   NOT NULL,
	transports {{text}}  NOT NULL,
	name       {{bytes}} NOT NULL,
	made_at    {{time}}  NOT NULL,
	used_at    {{time}},
	copied_at  {{time}}
) {{table}};
CREATE INDEX people_passkey_account ON people_passkey (account, made_at);

-- A question to a passkey, by the hash of its challenge: whichever process is
-- answered takes it away, so that it is answered once.
CREATE TABLE people_passkey_question (
	challenge  {{bytes}} NOT NULL PRIMARY KEY,
	purpose    {{text}}  NOT NULL CHECK (purpose IN ('add', 'alone', 'second')),
	account    {{id}}    REFERENCES people_account (id),
	kept       {{text}}  NOT NULL,
	expires_at {{time}}  NOT NULL,
	CHECK ((purpose = 'add') = (account IS NOT NULL))
) {{table}};
CREATE INDEX people_passkey_question_expires ON people_passkey_question (expires_at);

-- When somebody who was signed in already last showed their password again.
ALTER TABLE people_session ADD COLUMN confirmed_at {{time}};
