SELECT (SELECT '{"node":' || coalesce(coalesce((SELECT '{"id":' || json_quote('article_' || t0."id") || ',"headline":' || json_quote(t0."headline") || '}'
FROM article t0
WHERE t0."id" = ?1 AND ("t0"."withdrawn_at" IS NULL AND "t0"."live_from"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z') AND ("t0"."live_until" IS NULL OR "t0"."live_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')) AND ("t0"."embargo_until" IS NULL OR "t0"."embargo_until"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')))), (SELECT '{"id":' || json_quote('photo_' || t1."id") || ',"credit":' || json_quote(t1."credit") || '}'
FROM photo t1
WHERE t1."id" = ?2 AND ("t1"."status"='READY' AND ("t1"."rights_until" IS NULL OR "t1"."rights_until">(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')))), (SELECT '{"id":' || json_quote('section_' || t2."id") || '}'
FROM section t2
WHERE t2."id" = ?3), (SELECT '{"id":' || json_quote('tag_' || t3."id") || '}'
FROM tag t3
WHERE t3."id" = ?4 AND ("t3"."visible_from"<=(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'))), (SELECT '{"id":' || json_quote('author_' || t4."id") || '}'
FROM author t4
WHERE t4."id" = ?5), (SELECT '{"id":' || json_quote('user_' || t5."id") || '}'
FROM newsroom_user t5
WHERE t5."id" = ?6 AND ("t5"."id"=?7)), (SELECT '{"id":' || json_quote('collection_' || t6."id") || '}'
FROM collection t6
WHERE t6."id" = ?8), (SELECT '{"id":' || json_quote('partner_' || t7."id") || '}'
FROM partner t7
WHERE t7."id" = ?9 AND ("t7"."id"=?10)), (SELECT '{"id":' || json_quote('feed_' || t8."id") || '}'
FROM feed t8
WHERE t8."id" = ?11 AND ("t8"."partner_id" IS NULL)), (SELECT '{"id":' || json_quote('webhook_' || t9."id") || '}'
FROM webhook t9
WHERE t9."id" = ?12 AND ("t9"."id" IS NULL))), 'null') || '}')
