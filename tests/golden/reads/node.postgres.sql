SELECT ((SELECT row_to_json(o)
FROM (SELECT coalesce((SELECT row_to_json(o)
FROM (SELECT 'article_' || t0."id"::text AS "id", t0."headline" AS "headline"
FROM article t0
WHERE t0."id" = $1::uuid AND ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<=now() AND ("t0"."live_until" IS NULL OR "t0"."live_until">now()) AND ("t0"."embargo_until" IS NULL OR "t0"."embargo_until"<=now()))) o), (SELECT row_to_json(o)
FROM (SELECT 'photo_' || t1."id"::text AS "id", t1."credit" AS "credit"
FROM photo t1
WHERE t1."id" = $2::uuid AND ("t1"."status"='READY' AND ("t1"."rights_until" IS NULL OR "t1"."rights_until">now()))) o), (SELECT row_to_json(o)
FROM (SELECT 'section_' || t2."id"::text AS "id"
FROM section t2
WHERE t2."id" = $3::uuid) o), (SELECT row_to_json(o)
FROM (SELECT 'tag_' || t3."id"::text AS "id"
FROM tag t3
WHERE t3."id" = $4::uuid AND ("t3"."visible_from"<=now())) o), (SELECT row_to_json(o)
FROM (SELECT 'author_' || t4."id"::text AS "id"
FROM author t4
WHERE t4."id" = $5::uuid) o), (SELECT row_to_json(o)
FROM (SELECT 'user_' || t5."id"::text AS "id"
FROM newsroom_user t5
WHERE t5."id" = $6::uuid AND ("t5"."id"=$7::uuid)) o), (SELECT row_to_json(o)
FROM (SELECT 'collection_' || t6."id"::text AS "id"
FROM collection t6
WHERE t6."id" = $8::uuid) o), (SELECT row_to_json(o)
FROM (SELECT 'partner_' || t7."id"::text AS "id"
FROM partner t7
WHERE t7."id" = $9::uuid AND ("t7"."id"=$10::uuid)) o), (SELECT row_to_json(o)
FROM (SELECT 'feed_' || t8."id"::text AS "id"
FROM feed t8
WHERE t8."id" = $11::uuid AND ("t8"."partner_id" IS NULL)) o), (SELECT row_to_json(o)
FROM (SELECT 'webhook_' || t9."id"::text AS "id"
FROM webhook t9
WHERE t9."id" = $12::uuid AND ("t9"."id" IS NULL)) o)) AS "node") o))::text
