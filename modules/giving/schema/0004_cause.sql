-- The crisis or the mission that money is set apart for, as "cases.crisis/0190…"; none
-- where words alone say what for.
ALTER TABLE giving_envelope ADD COLUMN about {{text}};
