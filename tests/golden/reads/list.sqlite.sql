SELECT (SELECT '{"collection":' || coalesce((SELECT '{"title":' || json_quote(t0."title") || ',"items":' || (SELECT '[' || coalesce(group_concat(o, ','), '') || ']'
FROM (SELECT '{"headline":' || json_quote(coalesce(t1."headline", t1_article."headline")) || ',"photo":' || coalesce((SELECT '{"caption":' || json_quote(coalesce(t2."caption", t2_photo."caption")) || ',"credit":' || json_quote(t2_photo."credit") || ',"photo":' || coalesce(('{"url":' || json_quote('/images/' || t2_photo."id" || '/' || t2_photo."version" || '/w640-cover.auto') || '}'), 'null') || '}'
FROM (SELECT 0 AS place, id, 'LEAD' AS role, photo_id, caption, alt_text, photo_version
FROM collection_item
WHERE id = t1."id" UNION ALL
SELECT 1, id, role, photo_id, caption, alt_text, photo_version
FROM article_photo
WHERE article_id = t1."article_id" AND role = 'LEAD') t2
JOIN photo t2_photo ON t2_photo."id" = t2."photo_id"
WHERE ("t2_photo"."status"='READY' AND ("t2_photo"."rights_until" IS NULL OR "t2_photo"."rights_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')))
ORDER BY t2."place"
LIMIT 1), 'null') || ',"article":' || coalesce(('{"slug":' || json_quote(t1_article."slug") || ',"translations":' || (SELECT '[' || coalesce(group_concat(o, ','), '') || ']'
FROM (SELECT '{"slug":' || json_quote(t3."slug") || ',"language":' || json_quote(t3."language") || '}' AS o
FROM article t3
WHERE t3."translation_set" = t1_article."translation_set" AND t3."id" <> t1_article."id" AND ("t3"."withdrawn_at" IS NULL AND "t3"."live_from"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z') AND ("t3"."live_until" IS NULL OR "t3"."live_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')) AND ("t3"."embargo_until" IS NULL OR "t3"."embargo_until"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')))
ORDER BY t3."language", t3."id")) || '}'), 'null') || '}' AS o
FROM collection_item t1
JOIN article t1_article ON t1_article."id" = t1."article_id"
WHERE t1."collection_id" = t0."id" AND ("t1_article"."withdrawn_at" IS NULL AND "t1_article"."live_from"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z') AND ("t1_article"."live_until" IS NULL OR "t1_article"."live_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')) AND ("t1_article"."embargo_until" IS NULL OR "t1_article"."embargo_until"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')))
ORDER BY t1."position"
LIMIT 5)) || '}'
FROM collection t0
WHERE t0."slug" = ?1), 'null') || '}')
