-- The office of the State before which a request was put because nobody served
-- it in time, and since when; and when whoever had it gave it back. What has not
-- been put before anybody answers to an office all the same: see last.go.
ALTER TABLE cases_case ADD COLUMN last_org {{id}};
ALTER TABLE cases_case ADD COLUMN last_at {{time}};
ALTER TABLE cases_case ADD COLUMN gave_up_at {{time}};
CREATE INDEX cases_case_last ON cases_case (last_org, last_at) WHERE last_at IS NOT NULL;
CREATE INDEX cases_case_gave_up ON cases_case (gave_up_at) WHERE gave_up_at IS NOT NULL;
