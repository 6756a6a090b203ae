-- Names and titles are compared by code point, as SQLite does: one order of lists on both databases, and prefixes by the same indexes.
-- The tables are not rewritten; the indexes on the columns are.
ALTER TABLE users ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE posts ALTER COLUMN title TYPE TEXT COLLATE "C";
