-- The number of the customs declaration of what was given from abroad; none for all else.
ALTER TABLE stock_lot ADD COLUMN customs {{text}};
