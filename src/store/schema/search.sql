-- The search over texts of records. All of it follows from the records and is no part of
-- the log. The words stand here as stems (src/store/word.h), divided by spaces, so that
-- any SQLite can read, check and rebuild the index.
DROP TABLE IF EXISTS search_text;
DROP TABLE IF EXISTS search_index;

CREATE TABLE search_text (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    stems TEXT NOT NULL,
    UNIQUE (kind, id)
) STRICT;

CREATE VIRTUAL TABLE search_index USING fts5 (
    stems, content = 'search_text', content_rowid = 'number', tokenize = 'ascii'
);
