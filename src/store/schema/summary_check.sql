-- In how many groups the summary of measurements is not what they come to, or the summary
-- by year not what that by period comes to. Sums of the same numbers in another order may
-- differ in their last digits.
WITH made AS (
    SELECT m."project", m."organisation", u."organisation" AS unit_organisation,
        m."measure", m."indicator", m."indicator_version", m."period" AS period,
        m."missing", m."baseline", m."break_in_series", m."value" IS NOT NULL AS measured,
        count(*) AS n, count(m."value") AS value_n, sum(m."value") AS value_sum,
        sum(m."numerator") AS numerator_sum, sum(m."denominator") AS denominator_sum,
        sum(m."n_people") AS n_people_sum
    FROM "measurement" AS m LEFT JOIN "unit" AS u ON u.id = m."unit"
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
), compared AS (
    SELECT 1 AS whose, 1 AS sign, "project", "organisation", unit_organisation,
        "measure", "indicator", "indicator_version", "period" AS period, "missing",
        "baseline", "break_in_series", measured, n, value_n, value_sum, numerator_sum,
        denominator_sum, n_people_sum
    FROM measurement_summary
    UNION ALL SELECT 1, -1, * FROM made
    UNION ALL
    SELECT 2, 1, "project", "organisation", unit_organisation, "measure", "indicator",
        "indicator_version", year, "missing", "baseline", "break_in_series", measured, n,
        value_n, value_sum, numerator_sum, denominator_sum, n_people_sum
    FROM measurement_summary_year
    UNION ALL
    SELECT 2, -1, "project", "organisation", unit_organisation, "measure", "indicator",
        "indicator_version", substr("period", 1, 4), "missing", "baseline",
        "break_in_series", measured, n, value_n, value_sum, numerator_sum,
        denominator_sum, n_people_sum
    FROM measurement_summary
)
SELECT count(*) FROM (
    SELECT 1 FROM compared
    GROUP BY whose, "project", "organisation", unit_organisation, "measure",
        "indicator", "indicator_version", period, "missing", "baseline",
        "break_in_series", measured
    HAVING sum(sign * n) <> 0 OR sum(sign * value_n) <> 0
        OR abs(total(sign * value_sum)) > 1e-9 * (1 + total(abs(value_sum)))
        OR abs(total(sign * numerator_sum)) > 1e-9 * (1 + total(abs(numerator_sum)))
        OR abs(total(sign * denominator_sum)) > 1e-9 * (1 + total(abs(denominator_sum)))
        OR total(sign * n_people_sum) <> 0)
