-- The data keys of this house, each wrapped by a master key that is kept
-- elsewhere. 'field' seals columns, 'index' makes blind indexes, 'code' derives
-- the codes that families hold. One of each is in use; retired field keys stay,
-- for they open what they once sealed.
CREATE TABLE crypt_key (
	id        {{int}}   NOT NULL PRIMARY KEY CHECK (id BETWEEN 1 AND 4294967295),
	purpose   {{text}}  NOT NULL CHECK (purpose IN ('field', 'index', 'code')),
	wrapped   {{bytes}} NOT NULL,
	master_id {{text}}  NOT NULL,
	made_at   {{time}}  NOT NULL,
	retired   {{bool}}  NOT NULL
) {{table}};
CREATE UNIQUE INDEX crypt_key_in_use ON crypt_key (purpose) WHERE NOT retired;
