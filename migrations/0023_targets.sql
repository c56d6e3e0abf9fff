-- A regency works towards its province's target, or the nation's: everybody may know them, though the rows of the
-- regions above are out of reach.

-- +goose Up

CREATE FUNCTION targets_set(about text) RETURNS TABLE (code text, year smallint, percent numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT v.code, t.year, t.percent
    FROM targets t
    JOIN region_versions v ON v.region_id = t.region_id AND v.valid_to IS NULL
    WHERE t.subject = about
$$;
COMMENT ON FUNCTION targets_set IS 'Every target of a subject with today''s code of its region; targets are policy and known to all.';

ALTER TABLE import_errors ADD CONSTRAINT import_errors_value_length CHECK (length(value) <= 100);
