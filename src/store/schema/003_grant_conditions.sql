-- Which payment waits for a condition, so that a half-year's report can release an
-- instalment while the rest waits for the year's.
ALTER TABLE "grant_condition" ADD COLUMN "releases" TEXT
    CHECK ("releases" IN ('instalment', 'final_payment'));
