SELECT ((SELECT row_to_json(o)
FROM (SELECT (SELECT row_to_json(o)
FROM (SELECT t0."headline" AS "headline", CASE WHEN (NOT "t0"."withdrawn_at" IS NULL) THEN 'WITHDRAWN'::text WHEN ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<=now() AND ("t0"."live_until" IS NULL OR "t0"."live_until">now()) AND ("t0"."embargo_until" IS NULL OR "t0"."embargo_until"<=now())) THEN 'PUBLISHED'::text WHEN ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<=now() AND "t0"."live_until"<=now()) THEN 'UNPUBLISHED'::text WHEN ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"='9999-12-31T00:00:00+00:00' AND "t0"."in_review"=true) THEN 'IN_REVIEW'::text WHEN ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"='9999-12-31T00:00:00+00:00' AND "t0"."in_review"=false) THEN 'DRAFT'::text WHEN ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<'9999-12-31T00:00:00+00:00' AND ("t0"."live_from">now() OR (("t0"."live_until" IS NULL OR "t0"."live_until">now()) AND "t0"."embargo_until">now()))) THEN 'SCHEDULED'::text END AS "status", (SELECT row_to_json(o)
FROM (SELECT t1."name" AS "name"
FROM section t1
WHERE t1."id" = t0."section_id") o) AS "section", (SELECT row_to_json(o)
FROM (SELECT t0."byline_override" AS "bylineOverride", array_to_json(ARRAY(SELECT o
FROM (SELECT t2."name" AS "name"
FROM article_author t2_l
JOIN author t2 ON t2."id" = t2_l.author_id
WHERE t2_l.article_id = t0."id"
ORDER BY t2_l.position) o)) AS "authors") o) AS "byline", (SELECT row_to_json(o)
FROM (SELECT coalesce(t3."caption", t3_photo."caption") AS "caption", t3_photo."credit" AS "credit", (SELECT row_to_json(o)
FROM (SELECT '/images/'::text || t3_photo."id"::text || '/' || t3_photo."version" || '/w640-cover.auto'::text AS "url", (SELECT row_to_json(o)
FROM (SELECT t3_photo."credit" AS "credit") o) AS "creditChain") o) AS "photo"
FROM article_photo t3
JOIN photo t3_photo ON t3_photo."id" = t3."photo_id"
WHERE t3."article_id" = t0."id" AND ("t3"."role"='LEAD') AND ("t3_photo"."status"='READY' AND ("t3_photo"."rights_until" IS NULL OR "t3_photo"."rights_until">now()))
ORDER BY t3."position"
LIMIT 1) o) AS "leadPhoto", (SELECT row_to_json(o)
FROM (SELECT t0."body" AS "blocks", (SELECT coalesce(json_object_agg(o.k, o.v), '{}'::json)
FROM (SELECT t4."id"::text AS k, (SELECT row_to_json(o)
FROM (SELECT t4_photo."credit" AS "credit") o) AS v
FROM article_photo t4
JOIN photo t4_photo ON t4_photo."id" = t4."photo_id"
WHERE t4."article_id" = t0."id" AND ("t4_photo"."status"='READY' AND ("t4_photo"."rights_until" IS NULL OR "t4_photo"."rights_until">now()))) o) AS "p0") o) AS "body", array_to_json(ARRAY(SELECT o
FROM (SELECT coalesce(t5."title", t5_article."headline") AS "title", coalesce(t5."url", 'https://news.example'::text || t5_article."path") AS "url", CASE WHEN t5_article."id" IS NULL THEN NULL ELSE (SELECT row_to_json(o)
FROM (SELECT t5_article."headline" AS "headline") o) END AS "article"
FROM related_link t5
LEFT JOIN article t5_article ON t5_article."id" = t5."target_id"
WHERE t5."article_id" = t0."id" AND (t5."target_id" IS NULL OR ("t5_article"."withdrawn_at" IS NULL AND "t5_article"."live_from"<=now() AND ("t5_article"."live_until" IS NULL OR "t5_article"."live_until">now()) AND ("t5_article"."embargo_until" IS NULL OR "t5_article"."embargo_until"<=now())))
ORDER BY t5."position"
LIMIT 4) o)) AS "related"
FROM article t0
WHERE t0."slug" = coalesce((SELECT n.slug
FROM article n
WHERE n.slug = $1::text), (SELECT f.slug
FROM article f
WHERE f.id = (SELECT subject_id
FROM former_slug
WHERE kind = 'article' AND slug = $1::text))) AND ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<=now() AND ("t0"."live_until" IS NULL OR "t0"."live_until">now()) AND ("t0"."embargo_until" IS NULL OR "t0"."embargo_until"<=now()))) o) AS "article") o))::text
