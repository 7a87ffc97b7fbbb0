-- Which steps made the tables what they are.
CREATE TABLE schema_migration (
    step INTEGER PRIMARY KEY,
    moment TEXT NOT NULL,
    program_version TEXT NOT NULL
) STRICT;
