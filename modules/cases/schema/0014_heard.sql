-- What was heard in the name and the words of a case when it was compared first,
-- sealed, so that whoever compares another with it need not open and read them
-- again; and by which words and weights that was (0: nothing is kept yet). It goes
-- with the row when the person is forgotten.
ALTER TABLE cases_sketch ADD COLUMN heard_by {{int}} NOT NULL DEFAULT 0;
ALTER TABLE cases_sketch ADD COLUMN heard {{bytes}};
