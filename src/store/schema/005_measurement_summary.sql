-- What tables ask of measurements: how many, their sums and bounds, for each project,
-- organisation, measure, organisation of units, indicator, period and reason of absence.
-- Millions of measurements are some hundred thousand rows here. All of it follows from the
-- tables measurement and unit and is no part of the log; which groups are no longer what
-- they say stands in measurement_touched, and the end of each entry makes these anew
-- (src/store/summary.c), from the measurements and not by adding and taking away, so that
-- no sum drifts.
CREATE TABLE measurement_summary (
    "project" TEXT,
    "organisation" TEXT,
    unit_organisation TEXT, -- the unit's
    "measure" TEXT,
    "indicator" TEXT NOT NULL,
    "indicator_version" INTEGER,
    "period" TEXT NOT NULL,
    "missing" TEXT,
    "baseline" INTEGER,
    "break_in_series" INTEGER,
    measured INTEGER NOT NULL, -- whether there is a value
    n INTEGER NOT NULL,
    value_n INTEGER NOT NULL, value_sum REAL, value_min REAL, value_max REAL,
    numerator_n INTEGER NOT NULL, numerator_sum REAL, numerator_min REAL, numerator_max REAL,
    denominator_n INTEGER NOT NULL, denominator_sum REAL, denominator_min REAL,
    denominator_max REAL,
    n_people_n INTEGER NOT NULL, n_people_sum INTEGER, n_people_min INTEGER,
    n_people_max INTEGER
) STRICT;
-- The same by year.
CREATE TABLE measurement_summary_year (
    "project" TEXT,
    "organisation" TEXT,
    unit_organisation TEXT,
    "measure" TEXT,
    "indicator" TEXT NOT NULL,
    "indicator_version" INTEGER,
    year TEXT NOT NULL,
    "missing" TEXT,
    "baseline" INTEGER,
    "break_in_series" INTEGER,
    measured INTEGER NOT NULL,
    n INTEGER NOT NULL,
    value_n INTEGER NOT NULL, value_sum REAL, value_min REAL, value_max REAL,
    numerator_n INTEGER NOT NULL, numerator_sum REAL, numerator_min REAL, numerator_max REAL,
    denominator_n INTEGER NOT NULL, denominator_sum REAL, denominator_min REAL,
    denominator_max REAL,
    n_people_n INTEGER NOT NULL, n_people_sum INTEGER, n_people_min INTEGER,
    n_people_max INTEGER
) STRICT;
CREATE INDEX measurement_summary_year_group
    ON measurement_summary_year (unit_organisation, "indicator", "project", "organisation");
CREATE INDEX measurement_summary_group
    ON measurement_summary (unit_organisation, "indicator", "project", "organisation");

-- "" stands for an absent one.
CREATE TABLE measurement_touched (
    "project" TEXT NOT NULL,
    "organisation" TEXT NOT NULL,
    unit_organisation TEXT NOT NULL,
    "indicator" TEXT NOT NULL,
    PRIMARY KEY ("project", "organisation", unit_organisation, "indicator")
) STRICT, WITHOUT ROWID;

-- The group that each measurement is in.
CREATE VIEW measurement_group AS
    SELECT m.id, m."unit", ifnull(m."project", '') AS "project",
        ifnull(m."organisation", '') AS "organisation",
        ifnull(u."organisation", '') AS unit_organisation, m."indicator"
    FROM "measurement" AS m LEFT JOIN "unit" AS u ON u.id = m."unit";

-- Not INSERT OR IGNORE, which an upsert that fires the trigger overrides.
CREATE TRIGGER measurement_is_new AFTER INSERT ON "measurement"
BEGIN
    INSERT INTO measurement_touched
        SELECT "project", "organisation", unit_organisation, "indicator"
        FROM measurement_group WHERE id = new.id
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER measurement_changes BEFORE UPDATE ON "measurement"
BEGIN
    INSERT INTO measurement_touched
        SELECT "project", "organisation", unit_organisation, "indicator"
        FROM measurement_group WHERE id = old.id
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER measurement_is_changed AFTER UPDATE ON "measurement"
BEGIN
    INSERT INTO measurement_touched
        SELECT "project", "organisation", unit_organisation, "indicator"
        FROM measurement_group WHERE id = new.id
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER measurement_goes BEFORE DELETE ON "measurement"
BEGIN
    INSERT INTO measurement_touched
        SELECT "project", "organisation", unit_organisation, "indicator"
        FROM measurement_group WHERE id = old.id
        ON CONFLICT DO NOTHING;
END;
-- A unit that comes after its measurements, or gets another organisation.
CREATE TRIGGER unit_is_new AFTER INSERT ON "unit"
BEGIN
    INSERT INTO measurement_touched
        SELECT "project", "organisation", unit_organisation, "indicator"
        FROM measurement_group WHERE "unit" = new.id
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER unit_changes BEFORE UPDATE OF "organisation" ON "unit"
    WHEN old."organisation" <> new."organisation"
BEGIN
    INSERT INTO measurement_touched
        SELECT "project", "organisation", unit_organisation, "indicator"
        FROM measurement_group WHERE "unit" = old.id
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER unit_is_changed AFTER UPDATE OF "organisation" ON "unit"
    WHEN old."organisation" <> new."organisation"
BEGIN
    INSERT INTO measurement_touched
        SELECT "project", "organisation", unit_organisation, "indicator"
        FROM measurement_group WHERE "unit" = new.id
        ON CONFLICT DO NOTHING;
END;

-- What is asked of one unit or measure, and units that are compared between two periods,
-- are found without reading all.
CREATE INDEX "measurement_of_unit" ON "measurement" ("unit", "indicator")
    WHERE "unit" IS NOT NULL;
CREATE INDEX "measurement_of_measure" ON "measurement" ("measure", "indicator")
    WHERE "measure" IS NOT NULL;
CREATE INDEX "measurement_of_period" ON "measurement" ("indicator", "period");

INSERT INTO measurement_touched
    SELECT DISTINCT "project", "organisation", unit_organisation, "indicator"
    FROM measurement_group;
