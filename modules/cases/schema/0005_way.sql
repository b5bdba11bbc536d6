-- By which way without internet a request came, where channel says "phone":
-- sms, ussd, voice, telegram, whatsapp; helper and paper where it says "desk".
-- A column of its own because what channel may hold is fixed in the table.
ALTER TABLE cases_case ADD COLUMN way {{text}};
