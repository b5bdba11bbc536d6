-- A fund may stop collecting: from then on no numbers are handed out.
ALTER TABLE giving_fund ADD COLUMN ended_at {{time}};
