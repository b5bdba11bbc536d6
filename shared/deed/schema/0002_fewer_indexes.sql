-- Most lines are of people without an account: they need no place in an index
-- of what each account did.
DROP INDEX deed_record_account;
CREATE INDEX deed_record_account ON deed_record (account, seq) WHERE account IS NOT NULL;
