SELECT (SELECT '{"article":' || coalesce((SELECT '{"headline":' || json_quote(t0."headline") || ',"status":' || json_quote(CASE WHEN (NOT "t0"."withdrawn_at" IS NULL) THEN 'WITHDRAWN' WHEN ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z') AND ("t0"."live_until" IS NULL OR "t0"."live_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')) AND ("t0"."embargo_until" IS NULL OR "t0"."embargo_until"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'))) THEN 'PUBLISHED' WHEN ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z') AND "t0"."live_until"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')) THEN 'UNPUBLISHED' WHEN ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"='9999-12-31T00:00:00.000000Z' AND "t0"."in_review"=true) THEN 'IN_REVIEW' WHEN ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"='9999-12-31T00:00:00.000000Z' AND "t0"."in_review"=false) THEN 'DRAFT' WHEN ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<'9999-12-31T00:00:00.000000Z' AND ("t0"."live_from">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z') OR (("t0"."live_until" IS NULL OR "t0"."live_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')) AND "t0"."embargo_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')))) THEN 'SCHEDULED' END) || ',"section":' || coalesce((SELECT '{"name":' || json_quote(t1."name") || '}'
FROM section t1
WHERE t1."id" = t0."section_id"), 'null') || ',"byline":' || ('{"bylineOverride":' || json_quote(t0."byline_override") || ',"authors":' || (SELECT '[' || coalesce(group_concat(o, ','), '') || ']'
FROM (SELECT '{"name":' || json_quote(t2."name") || '}' AS o
FROM article_author t2_l
JOIN author t2 ON t2."id" = t2_l.author_id
WHERE t2_l.article_id = t0."id"
ORDER BY t2_l.position)) || '}') || ',"leadPhoto":' || coalesce((SELECT '{"caption":' || json_quote(coalesce(t3."caption", t3_photo."caption")) || ',"credit":' || json_quote(t3_photo."credit") || ',"photo":' || coalesce(('{"url":' || json_quote('/images/' || t3_photo."id" || '/' || t3_photo."version" || '/w640-cover.auto') || ',"creditChain":' || ('{"credit":' || json_quote(t3_photo."credit") || '}') || '}'), 'null') || '}'
FROM article_photo t3
JOIN photo t3_photo ON t3_photo."id" = t3."photo_id"
WHERE t3."article_id" = t0."id" AND ("t3"."role"='LEAD') AND ("t3_photo"."status"='READY' AND ("t3_photo"."rights_until" IS NULL OR "t3_photo"."rights_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')))
ORDER BY t3."position"
LIMIT 1), 'null') || ',"body":' || ('{"blocks":' || t0."body" || ',"p0":' || (SELECT '{' || coalesce(group_concat(o, ','), '') || '}'
FROM (SELECT json_quote(t4."id") || ':' || '{"credit":' || json_quote(t4_photo."credit") || '}' AS o
FROM article_photo t4
JOIN photo t4_photo ON t4_photo."id" = t4."photo_id"
WHERE t4."article_id" = t0."id" AND ("t4_photo"."status"='READY' AND ("t4_photo"."rights_until" IS NULL OR "t4_photo"."rights_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'))))) || '}') || ',"related":' || (SELECT '[' || coalesce(group_concat(o, ','), '') || ']'
FROM (SELECT '{"title":' || json_quote(coalesce(t5."title", t5_article."headline")) || ',"url":' || json_quote(coalesce(t5."url", 'https://news.example' || t5_article."path")) || ',"article":' || coalesce(CASE WHEN t5_article."id" IS NULL THEN NULL ELSE ('{"headline":' || json_quote(t5_article."headline") || '}') END, 'null') || '}' AS o
FROM related_link t5
LEFT JOIN article t5_article ON t5_article."id" = t5."target_id"
WHERE t5."article_id" = t0."id" AND (t5."target_id" IS NULL OR ("t5_article"."withdrawn_at" IS NULL AND "t5_article"."live_from"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z') AND ("t5_article"."live_until" IS NULL OR "t5_article"."live_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')) AND ("t5_article"."embargo_until" IS NULL OR "t5_article"."embargo_until"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'))))
ORDER BY t5."position"
LIMIT 4)) || '}'
FROM article t0
WHERE t0."slug" = coalesce((SELECT n.slug
FROM article n
WHERE n.slug = ?1), (SELECT f.slug
FROM article f
WHERE f.id = (SELECT subject_id
FROM former_slug
WHERE kind = 'article' AND slug = ?1))) AND ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z') AND ("t0"."live_until" IS NULL OR "t0"."live_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')) AND ("t0"."embargo_until" IS NULL OR "t0"."embargo_until"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')))), 'null') || '}')
