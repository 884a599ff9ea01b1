SELECT ((SELECT row_to_json(o)
FROM (SELECT (SELECT row_to_json(o)
FROM (SELECT t0."name" AS "name", (WITH p AS (SELECT t1._n AS n, t1._m AS m, 'p' || to_char(t1."live_from" AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') || replace(t1."id"::text, '-', '') AS c, (SELECT row_to_json(o)
FROM (SELECT t1."headline" AS "headline") o) AS o3
FROM (SELECT t1.*, row_number() OVER () AS _n, count(*) OVER () AS _m
FROM (SELECT t1."headline", t1."id", t1."live_from"
FROM listing t1_l
JOIN article t1 ON t1."id" = t1_l.article_id
WHERE t1_l.list_id = t0."id" AND t1_l.live_from <= now() AND ("t1"."withdrawn_at" IS NULL AND "t1"."live_from"<=now() AND ("t1"."live_until" IS NULL OR "t1"."live_until">now()) AND ("t1"."embargo_until" IS NULL OR "t1"."embargo_until"<=now()))
ORDER BY t1_l.live_from DESC, t1_l.article_id DESC
LIMIT 6) t1) t1), a AS (SELECT coalesce(max(p.m), 0) AS m, max(p.c) FILTER (WHERE p.n = 1) AS near, max(p.c) FILTER (WHERE p.n = least(5, p.m)) AS far, coalesce(array_to_json(array_agg(p.o3) FILTER (WHERE p.n <= 5)), '[]'::json) AS a3
FROM p)
SELECT row_to_json(o)
FROM (SELECT a.a3 AS "nodes"
FROM a) o) AS "articles"
FROM tag t0
WHERE t0."slug" = coalesce((SELECT n.slug
FROM tag n
WHERE n.slug = $1::text), (SELECT f.slug
FROM tag f
WHERE f.id = (SELECT subject_id
FROM former_slug
WHERE kind = 'tag' AND slug = $1::text))) AND ("t0"."visible_from"<=now())) o) AS "tag") o))::text
