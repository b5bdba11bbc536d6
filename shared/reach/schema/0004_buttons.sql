-- The answers that a chat shows as buttons under a message, sealed as its text.
ALTER TABLE reach_message ADD COLUMN replies {{bytes}};
