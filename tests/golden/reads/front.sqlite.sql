SELECT (SELECT '{"articles":' || (WITH p AS (SELECT t0_k._n AS n, t0_k._m AS m, 'p' || substr(t0."live_from", 1, 4) || substr(t0."live_from", 6, 2) || substr(t0."live_from", 9, 2) || substr(t0."live_from", 12, 2) || substr(t0."live_from", 15, 2) || substr(t0."live_from", 18, 2) || substr(t0."live_from", 21, 6) || replace(t0."id", '-', '') AS c, ('{"slug":' || json_quote(t0."slug") || ',"headline":' || json_quote(t0."headline") || ',"publishedAt":' || json_quote(substr(coalesce(t0."first_live_from", CASE WHEN t0."live_from" <= (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z') THEN t0."live_from" END), 1, 19) || 'Z') || ',"section":' || coalesce((SELECT '{"name":' || json_quote(t1."name") || '}'
FROM section t1
WHERE t1."id" = t0."section_id"), 'null') || ',"authors":' || (SELECT '[' || coalesce(group_concat(o, ','), '') || ']'
FROM (SELECT '{"name":' || json_quote(t2."name") || '}' AS o
FROM article_author t2_l
JOIN author t2 ON t2."id" = t2_l.author_id
WHERE t2_l.article_id = t0."id"
ORDER BY t2_l.position)) || '}') AS o3
FROM (SELECT r, row_number() OVER () AS _n, count(*) OVER () AS _m
FROM (SELECT t0.rowid AS r
FROM article t0
WHERE ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z') AND ("t0"."live_until" IS NULL OR "t0"."live_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')) AND ("t0"."embargo_until" IS NULL OR "t0"."embargo_until"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')))
ORDER BY t0."live_from" DESC, t0."id" DESC
LIMIT 21)
ORDER BY _n) t0_k
CROSS JOIN article t0 ON t0.rowid = t0_k.r), a AS (SELECT coalesce(max(p.m), 0) AS m, max(p.c) FILTER (WHERE p.n = 1) AS near, max(p.c) FILTER (WHERE p.n = min(20, p.m)) AS far, '[' || coalesce(group_concat(p.o3, ',') FILTER (WHERE p.n <= 20), '') || ']' AS a3
FROM p)
SELECT '{"nodes":' || a.a3 || ',"pageInfo":' || ('{"hasNextPage":' || CASE a.m > 20 WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END || ',"endCursor":' || json_quote(a.far) || '}') || ',"totalCount":' || json_quote((SELECT count(*)
FROM article t0
WHERE ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z') AND ("t0"."live_until" IS NULL OR "t0"."live_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')) AND ("t0"."embargo_until" IS NULL OR "t0"."embargo_until"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'))))) || '}'
FROM a) || '}')
