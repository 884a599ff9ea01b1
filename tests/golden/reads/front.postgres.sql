SELECT ((SELECT row_to_json(o)
FROM (SELECT (WITH p AS (SELECT t0._n AS n, t0._m AS m, 'p' || to_char(t0."live_from" AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') || replace(t0."id"::text, '-', '') AS c, (SELECT row_to_json(o)
FROM (SELECT t0."slug" AS "slug", t0."headline" AS "headline", to_char(coalesce(t0."first_live_from", CASE WHEN t0."live_from" <= now() THEN t0."live_from" END) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "publishedAt", (SELECT row_to_json(o)
FROM (SELECT t1."name" AS "name"
FROM section t1
WHERE t1."id" = t0."section_id") o) AS "section", array_to_json(ARRAY(SELECT o
FROM (SELECT t2."name" AS "name"
FROM article_author t2_l
JOIN author t2 ON t2."id" = t2_l.author_id
WHERE t2_l.article_id = t0."id"
ORDER BY t2_l.position) o)) AS "authors") o) AS o3
FROM (SELECT t0.*, row_number() OVER () AS _n, count(*) OVER () AS _m
FROM (SELECT t0."first_live_from", t0."headline", t0."id", t0."live_from", t0."section_id", t0."slug"
FROM article t0
WHERE ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<=now() AND ("t0"."live_until" IS NULL OR "t0"."live_until">now()) AND ("t0"."embargo_until" IS NULL OR "t0"."embargo_until"<=now()))
ORDER BY t0."live_from" DESC, t0."id" DESC
LIMIT 21) t0) t0), a AS (SELECT coalesce(max(p.m), 0) AS m, max(p.c) FILTER (WHERE p.n = 1) AS near, max(p.c) FILTER (WHERE p.n = least(20, p.m)) AS far, coalesce(array_to_json(array_agg(p.o3) FILTER (WHERE p.n <= 20)), '[]'::json) AS a3
FROM p)
SELECT row_to_json(o)
FROM (SELECT a.a3 AS "nodes", (SELECT row_to_json(o)
FROM (SELECT a.m > 20 AS "hasNextPage", a.far AS "endCursor") o) AS "pageInfo", (SELECT count(*)
FROM article t0
WHERE ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<=now() AND ("t0"."live_until" IS NULL OR "t0"."live_until">now()) AND ("t0"."embargo_until" IS NULL OR "t0"."embargo_until"<=now()))) AS "totalCount"
FROM a) o) AS "articles") o))::text
