SELECT (SELECT '{"tag":' || coalesce((SELECT '{"name":' || json_quote(t0."name") || ',"articles":' || (WITH p AS (SELECT t1_k._n AS n, t1_k._m AS m, 'p' || substr(t1."live_from", 1, 4) || substr(t1."live_from", 6, 2) || substr(t1."live_from", 9, 2) || substr(t1."live_from", 12, 2) || substr(t1."live_from", 15, 2) || substr(t1."live_from", 18, 2) || substr(t1."live_from", 21, 6) || replace(t1."id", '-', '') AS c, ('{"headline":' || json_quote(t1."headline") || '}') AS o3
FROM (SELECT r, row_number() OVER () AS _n, count(*) OVER () AS _m
FROM (SELECT t1.rowid AS r
FROM listing t1_l
CROSS JOIN article t1 ON t1."id" = t1_l.article_id
WHERE t1_l.list_id = t0."id" AND t1_l.live_from <= (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z') AND ("t1"."withdrawn_at" IS NULL AND "t1"."live_from"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z') AND ("t1"."live_until" IS NULL OR "t1"."live_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')) AND ("t1"."embargo_until" IS NULL OR "t1"."embargo_until"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')))
ORDER BY t1_l.live_from DESC, t1_l.article_id DESC
LIMIT 6)
ORDER BY _n) t1_k
CROSS JOIN article t1 ON t1.rowid = t1_k.r), a AS (SELECT coalesce(max(p.m), 0) AS m, max(p.c) FILTER (WHERE p.n = 1) AS near, max(p.c) FILTER (WHERE p.n = min(5, p.m)) AS far, '[' || coalesce(group_concat(p.o3, ',') FILTER (WHERE p.n <= 5), '') || ']' AS a3
FROM p)
SELECT '{"nodes":' || a.a3 || '}'
FROM a) || '}'
FROM tag t0
WHERE t0."slug" = coalesce((SELECT n.slug
FROM tag n
WHERE n.slug = ?1), (SELECT f.slug
FROM tag f
WHERE f.id = (SELECT subject_id
FROM former_slug
WHERE kind = 'tag' AND slug = ?1))) AND ("t0"."visible_from"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'))), 'null') || '}')
