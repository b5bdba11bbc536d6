-- When somebody first took a case on, and when its person first said that help
-- had come: by how long each group waited, the report of equity compares them.
-- What was taken on before this file has neither.
ALTER TABLE cases_case ADD COLUMN owned_at {{time}};
ALTER TABLE cases_case ADD COLUMN helped_at {{time}};
