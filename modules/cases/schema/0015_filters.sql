-- What the queue is filtered by stands in the two indexes that it is read along: a
-- filter that almost nothing passes reads entries of an index then, and not every
-- request that waits. They stand behind what gives the order, so nothing else changes.
DROP INDEX cases_case_queue;
DROP INDEX cases_case_area;
CREATE INDEX cases_case_queue ON cases_case (phase, rank, due_at, id, service, level, spoken, channel, way, place, needs) WHERE merged_into IS NULL;
CREATE INDEX cases_case_area ON cases_case (province, phase, rank, due_at, id, commune, service, level, spoken, channel, way, place, needs) WHERE merged_into IS NULL;
