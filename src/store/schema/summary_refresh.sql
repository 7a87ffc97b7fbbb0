-- Makes the groups of the summary of measurements anew that were touched:
-- 005_measurement_summary.sql. CROSS JOIN keeps the order: each group is looked up.
DELETE FROM measurement_summary WHERE rowid IN (
    SELECT s.rowid FROM measurement_touched AS t CROSS JOIN measurement_summary AS s
    WHERE s.unit_organisation IS nullif(t.unit_organisation, '')
        AND s."indicator" = t."indicator" AND s."project" IS nullif(t."project", '')
        AND s."organisation" IS nullif(t."organisation", ''));
DELETE FROM measurement_summary_year WHERE rowid IN (
    SELECT s.rowid FROM measurement_touched AS t CROSS JOIN measurement_summary_year AS s
    WHERE s.unit_organisation IS nullif(t.unit_organisation, '')
        AND s."indicator" = t."indicator" AND s."project" IS nullif(t."project", '')
        AND s."organisation" IS nullif(t."organisation", ''));

-- Of no unit.
INSERT INTO measurement_summary
    SELECT m."project", m."organisation", NULL, m."measure", m."indicator",
        m."indicator_version", m."period", m."missing", m."baseline",
        m."break_in_series", m."value" IS NOT NULL, count(*),
        count(m."value"), sum(m."value"), min(m."value"), max(m."value"),
        count(m."numerator"), sum(m."numerator"), min(m."numerator"), max(m."numerator"),
        count(m."denominator"), sum(m."denominator"), min(m."denominator"),
        max(m."denominator"),
        count(m."n_people"), sum(m."n_people"), min(m."n_people"), max(m."n_people")
    FROM measurement_touched AS t CROSS JOIN "measurement" AS m
    WHERE t.unit_organisation = '' AND m."project" IS nullif(t."project", '')
        AND m."indicator" = t."indicator"
        AND m."organisation" IS nullif(t."organisation", '') AND m."unit" IS NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11;
-- Of an organisation's units.
INSERT INTO measurement_summary
    SELECT m."project", m."organisation", u."organisation", m."measure", m."indicator",
        m."indicator_version", m."period", m."missing", m."baseline",
        m."break_in_series", m."value" IS NOT NULL, count(*),
        count(m."value"), sum(m."value"), min(m."value"), max(m."value"),
        count(m."numerator"), sum(m."numerator"), min(m."numerator"), max(m."numerator"),
        count(m."denominator"), sum(m."denominator"), min(m."denominator"),
        max(m."denominator"),
        count(m."n_people"), sum(m."n_people"), min(m."n_people"), max(m."n_people")
    FROM measurement_touched AS t CROSS JOIN "unit" AS u CROSS JOIN "measurement" AS m
    WHERE t.unit_organisation <> '' AND u."organisation" = t.unit_organisation
        AND m."unit" = u.id AND m."indicator" = t."indicator"
        AND m."project" IS nullif(t."project", '')
        AND m."organisation" IS nullif(t."organisation", '')
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11;

INSERT INTO measurement_summary_year
    SELECT s."project", s."organisation", s.unit_organisation, s."measure",
        s."indicator", s."indicator_version", substr(s."period", 1, 4), s."missing",
        s."baseline", s."break_in_series", s.measured, sum(n),
        sum(value_n), sum(value_sum), min(value_min), max(value_max),
        sum(numerator_n), sum(numerator_sum), min(numerator_min), max(numerator_max),
        sum(denominator_n), sum(denominator_sum), min(denominator_min),
        max(denominator_max),
        sum(n_people_n), sum(n_people_sum), min(n_people_min), max(n_people_max)
    FROM measurement_touched AS t CROSS JOIN measurement_summary AS s
    WHERE s.unit_organisation IS nullif(t.unit_organisation, '')
        AND s."indicator" = t."indicator" AND s."project" IS nullif(t."project", '')
        AND s."organisation" IS nullif(t."organisation", '')
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11;

DELETE FROM measurement_touched;
