-- What tables ask of measurements: how many, their sums and bounds, for each project,
-- organisation, indicator, period and reason of absence. Millions of measurements are
-- some hundred thousand rows here. All of it follows from the table measurement and is no
-- part of the log; which groups are no longer what it says stands in measurement_touched,
-- and the end of each entry makes these anew (src/store/summary.c), from the measurements
-- and not by adding and taking away, so that no sum drifts.
CREATE TABLE measurement_summary (
    "project" TEXT,
    "organisation" TEXT,
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
CREATE INDEX measurement_summary_group
    ON measurement_summary ("project", "indicator", "organisation");

-- "" stands for an absent project or organisation.
CREATE TABLE measurement_touched (
    "project" TEXT NOT NULL,
    "indicator" TEXT NOT NULL,
    "organisation" TEXT NOT NULL,
    PRIMARY KEY ("project", "indicator", "organisation")
) STRICT, WITHOUT ROWID;

-- Not INSERT OR IGNORE, which an upsert that fires the trigger overrides.
CREATE TRIGGER measurement_is_new AFTER INSERT ON "measurement"
BEGIN
    INSERT INTO measurement_touched VALUES
        (ifnull(new."project", ''), new."indicator", ifnull(new."organisation", ''))
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER measurement_is_changed AFTER UPDATE ON "measurement"
BEGIN
    INSERT INTO measurement_touched VALUES
        (ifnull(old."project", ''), old."indicator", ifnull(old."organisation", '')),
        (ifnull(new."project", ''), new."indicator", ifnull(new."organisation", ''))
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER measurement_is_gone AFTER DELETE ON "measurement"
BEGIN
    INSERT INTO measurement_touched VALUES
        (ifnull(old."project", ''), old."indicator", ifnull(old."organisation", ''))
        ON CONFLICT DO NOTHING;
END;

INSERT INTO measurement_touched
    SELECT DISTINCT ifnull("project", ''), "indicator", ifnull("organisation", '')
    FROM "measurement";

-- A measure's own measurements, and units that are compared between two periods, are
-- found without reading all.
CREATE INDEX "measurement_of_measure" ON "measurement" ("measure", "indicator")
    WHERE "measure" IS NOT NULL;
CREATE INDEX "measurement_of_period" ON "measurement" ("indicator", "period");
