-- What is needed of every item: of the KTP-el as forecast; of ribbon and film as many as those cards take; of the KIA as its
-- use of the last 90 days goes on. Suggestions and allocations read it.

-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION needs_of(item smallint, today date, region int DEFAULT NULL)
    RETURNS TABLE (region_id int, as_of date, horizon_days int, daily_mean double precision, sd double precision,
                   p50 double precision, p80 double precision, p90 double precision, p95 double precision,
                   print_ready bigint, planned_visits bigint, source text, per_piece int)
LANGUAGE sql STABLE AS $$
    SELECT n.region_id, n.as_of, n.horizon_days, n.daily_mean, n.sd, n.p50, n.p80, n.p90, n.p95, n.print_ready, n.planned_visits, 'forecast', 1
    FROM needs n
    WHERE n.item_id = item AND (region IS NULL OR n.region_id = region)
    UNION ALL
    -- Whoever waits for a card, and whoever visits will serve, needs ribbon and film as well.
    SELECT n.region_id, n.as_of, n.horizon_days, n.daily_mean / i.cards, n.sd / i.cards, (n.p50 + w.cards) / i.cards, (n.p80 + w.cards) / i.cards,
           (n.p90 + w.cards) / i.cards, (n.p95 + w.cards) / i.cards, 0, 0, 'ktp-el', i.cards
    FROM items i
    JOIN items k ON k.kind = 'ktp'
    JOIN needs n ON n.item_id = k.id
    CROSS JOIN LATERAL (SELECT (n.print_ready + n.planned_visits)::double precision AS cards) w
    WHERE i.id = item AND i.kind IN ('ribbon', 'film') AND (region IS NULL OR n.region_id = region)
      AND NOT EXISTS (SELECT FROM needs o WHERE o.region_id = n.region_id AND o.item_id = item)
    UNION ALL
    SELECT u.region_id, today, h.days, u.mean, sqrt(u.variance * h.days), u.mean * h.days, u.mean * h.days + 0.8416 * sqrt(u.variance * h.days),
           u.mean * h.days + 1.2816 * sqrt(u.variance * h.days), u.mean * h.days + 1.6449 * sqrt(u.variance * h.days), 0, 0, 'use', 1
    FROM (
        WITH change AS (
            SELECT t.id AS region_id, f.day, sum(f.pieces) AS pieces, coalesce(-sum(f.pieces) FILTER (WHERE f.kind = 'use'), 0) AS used
            FROM regions_today t
            JOIN regions_today r ON r.level >= 2 AND left(r.code, 5) = t.code
            JOIN flows_inherited f ON f.region_id = r.id AND f.item_id = item AND f.day <= today
            WHERE t.level = 2 AND (region IS NULL OR t.id = region) AND EXISTS (SELECT FROM items i WHERE i.id = item AND i.kind = 'kia')
            GROUP BY 1, 2
        ), closing AS (
            SELECT region_id, day, used, sum(pieces) OVER w AS held, lead(day, 1, today + 1) OVER w AS next
            FROM change
            WINDOW w AS (PARTITION BY region_id ORDER BY day)
        ), exposed AS (
            -- Days without a piece on the shelf say nothing of demand.
            SELECT region_id, today + 1 - greatest(min(day), today - 89)
                   - coalesce(sum(greatest(0, next - greatest(day + 1, today - 89))) FILTER (WHERE held <= 0), 0) AS days,
                   sum(used) FILTER (WHERE day > today - 90) AS used, sum(used * used) FILTER (WHERE day > today - 90) AS squares
            FROM closing
            GROUP BY 1
        )
        SELECT region_id, (used / days)::double precision AS mean,
               greatest(used / days, (squares - used * used / days) / (days - 1))::double precision AS variance -- no demand is surer than Poisson's
        FROM exposed
        WHERE days >= 14 AND used > 0
    ) u
    LEFT JOIN needs n ON n.region_id = u.region_id AND n.item_id = (SELECT k.id FROM items k WHERE k.kind = 'ktp')
    CROSS JOIN LATERAL (SELECT coalesce(n.horizon_days, 21) AS days) h -- lead time and review period
    WHERE NOT EXISTS (SELECT FROM needs o WHERE o.region_id = u.region_id AND o.item_id = item)
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION needs_of IS 'Needs of an item by kabupaten/kota on a day, in pieces: source forecast as kept in needs; ktp-el as many ribbons or films as its cards take; use from the last 90 days.';
