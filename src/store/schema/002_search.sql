-- Which steps made the tables what they are. The tables of the search are made from the
-- records whenever they are needed anew: search.sql.
CREATE TABLE schema_migration (
    step INTEGER PRIMARY KEY,
    moment TEXT NOT NULL,
    program_version TEXT NOT NULL
) STRICT;
