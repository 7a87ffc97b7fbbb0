-- In which periods a category was asked for, so that tables tell a zero from a category
-- that was not there.
ALTER TABLE "category" ADD COLUMN "first_period" TEXT;
ALTER TABLE "category" ADD COLUMN "last_period" TEXT;
