-- On the worst night the cost of a call for help is the pages it touches: each
-- index is one. Nobody asks by commune alone any more (see Unserved), and the
-- newest calls of one phone are found in order, without sorting all of them.
DROP INDEX cases_case_commune;
DROP INDEX cases_case_phone;
CREATE INDEX cases_case_phone_made ON cases_case (phone_key, made_at) WHERE phone_key IS NOT NULL;
