SELECT ((SELECT row_to_json(o)
FROM (SELECT (SELECT row_to_json(o)
FROM (SELECT t0."title" AS "title", array_to_json(ARRAY(SELECT o
FROM (SELECT coalesce(t1."headline", t1_article."headline") AS "headline", (SELECT row_to_json(o)
FROM (SELECT coalesce(t2."caption", t2_photo."caption") AS "caption", t2_photo."credit" AS "credit", (SELECT row_to_json(o)
FROM (SELECT '/images/'::text || t2_photo."id"::text || '/' || t2_photo."version" || '/w640-cover.auto'::text AS "url") o) AS "photo"
FROM (SELECT 0 AS place, id, 'LEAD' AS role, photo_id, caption, alt_text, photo_version
FROM collection_item
WHERE id = t1."id" UNION ALL
SELECT 1, id, role, photo_id, caption, alt_text, photo_version
FROM article_photo
WHERE article_id = t1."article_id" AND role = 'LEAD') t2
JOIN photo t2_photo ON t2_photo."id" = t2."photo_id"
WHERE ("t2_photo"."status"='READY' AND ("t2_photo"."rights_until" IS NULL OR "t2_photo"."rights_until">now()))
ORDER BY t2."place"
LIMIT 1) o) AS "photo", (SELECT row_to_json(o)
FROM (SELECT t1_article."slug" AS "slug", array_to_json(ARRAY(SELECT o
FROM (SELECT t3."slug" AS "slug", t3."language" AS "language"
FROM article t3
WHERE t3."translation_set" = t1_article."translation_set" AND t3."id" <> t1_article."id" AND ("t3"."withdrawn_at" IS NULL AND "t3"."live_from"<=now() AND ("t3"."live_until" IS NULL OR "t3"."live_until">now()) AND ("t3"."embargo_until" IS NULL OR "t3"."embargo_until"<=now()))
ORDER BY t3."language", t3."id") o)) AS "translations") o) AS "article"
FROM collection_item t1
JOIN article t1_article ON t1_article."id" = t1."article_id"
WHERE t1."collection_id" = t0."id" AND ("t1_article"."withdrawn_at" IS NULL AND "t1_article"."live_from"<=now() AND ("t1_article"."live_until" IS NULL OR "t1_article"."live_until">now()) AND ("t1_article"."embargo_until" IS NULL OR "t1_article"."embargo_until"<=now()))
ORDER BY t1."position"
LIMIT 5) o)) AS "items"
FROM collection t0
WHERE t0."slug" = $1::text) o) AS "collection") o))::text
