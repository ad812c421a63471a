-- Which reports there are and which are missing, body by body and year by year. Names in braces are
-- spelled per engine in __init__.py.

-- What is due by now in China, and every report beside it: rows are made ahead of time, because a
-- deadline passes without a crawl.
CREATE VIEW coverage AS
SELECT
    c.public_body_id AS body_id,
    o.name AS body,
    nullif(o.division, '') AS division,
    d.name AS place,
    d.province,
    CASE WHEN o.kind = 'township' THEN o.kind ELSE d.level END AS level,
    o.kind,
    c.portal_key AS portal,
    c.year,
    c.state,
    c.due_on,
    c.published_on,
    c.days_late,
    p.key AS url,
    v.number AS version,
    CASE
        WHEN c.version_id IS NOT NULL OR c.reason IS NOT NULL THEN c.reason
        WHEN c.state = 'missing'
            THEN 'its lists, read completely on ' || k.read_on || ', do not name it'
        WHEN c.state = 'refused' THEN k.refused
        ELSE coalesce('its lists were read last on ' || k.read_on,
            'its lists were never read completely in a good run')
    END AS reason,
    v.captured_at,
    v.content_hash
FROM covered c
JOIN public_body o ON o.id = c.public_body_id
LEFT JOIN division d ON d.code = o.division
LEFT JOIN version v ON v.id = c.version_id
LEFT JOIN page p ON p.id = c.page_id
LEFT JOIN portal_look k ON k.portal_key = c.portal_key
WHERE c.due_on < {today} OR c.version_id IS NOT NULL;
