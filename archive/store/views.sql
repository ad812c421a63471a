-- The analysts' views. Names in braces are spelled per engine in views.py.

-- Each page's latest version.
CREATE VIEW documents AS
SELECT
    p.portal_key AS portal,
    p.key AS url,
    v.kind,
    v.title,
    (SELECT value FROM field WHERE version_id = v.id AND name = 'agency' AND chosen) AS agency,
    (SELECT value FROM field WHERE version_id = v.id AND name = 'index_number' AND chosen) AS index_number,
    (SELECT value FROM field WHERE version_id = v.id AND name = 'document_number' AND chosen) AS document_number,
    (SELECT value FROM field WHERE version_id = v.id AND name = 'category' AND chosen) AS category,
    v.report_year,
    (SELECT value FROM field WHERE version_id = v.id AND name = 'written_on' AND chosen) AS written_on,
    (SELECT value FROM field WHERE version_id = v.id AND name = 'published_on' AND chosen) AS published_on,
    v.number AS version,
    p.first_captured_at,
    p.last_captured_at,
    v.content_hash,
    b.text,
    (SELECT coalesce({json_group_array}({json_object}('url', l.url, 'text', l.text)), '[]')
        FROM (SELECT url, text FROM link
            WHERE version_id = v.id AND role = 'attachment' ORDER BY position) l) AS attachments,
    (SELECT coalesce({json_group_object}(f.name,
            {json_object}('value', f.value, 'printed', f.printed, 'origin', f.origin)), '{}')
        FROM (SELECT name, value, printed, origin FROM field
            WHERE version_id = v.id AND chosen ORDER BY position) f) AS fields,
    v.official,
    o.name AS body,
    nullif(o.division, '') AS division,
    v.public_body_id AS body_id,
    v.reader_version
FROM page p
JOIN version v ON v.page_id = p.id AND v.number = p.versions
JOIN body b ON b.hash = v.body_hash
LEFT JOIN public_body o ON o.id = v.public_body_id;

-- Every distinct content of every page.
CREATE VIEW versions AS
SELECT
    p.key AS url,
    v.number AS version,
    v.content_hash,
    v.captured_at,
    v.title,
    b.text,
    e.number AS supersedes,
    o.name AS body,
    nullif(o.division, '') AS division,
    v.public_body_id AS body_id,
    v.reader_version
FROM version v
JOIN page p ON p.id = v.page_id
JOIN body b ON b.hash = v.body_hash
LEFT JOIN version e ON e.id = v.supersedes
LEFT JOIN public_body o ON o.id = v.public_body_id;

-- Every exchange that was kept.
CREATE VIEW captures AS
SELECT
    p.key AS url,
    c.captured_at,
    c.status,
    c.media_type,
    c.payload_digest,
    c.size_bytes AS size,
    w.name AS warc_file,
    c.warc_offset,
    c.record_type,
    coalesce(o.outcome, t.outcome) AS outcome,
    c.record_type = 'resource' AND t.capture_id IS NULL AS rendered,
    s.name AS source,
    s.sha256 AS source_sha256,
    t.part AS source_part,
    t.source_offset,
    t.record_id AS source_record_id
FROM capture c
JOIN page p ON p.id = c.page_id
JOIN warc_file w ON w.id = c.warc_file_id
LEFT JOIN outcome o ON o.capture_id = c.id
LEFT JOIN capture_source t ON t.capture_id = c.id
LEFT JOIN source s ON s.id = t.source_id;

-- How every scheduled URL ended.
CREATE VIEW outcomes AS
SELECT
    o.run_id AS run,
    p.key AS url,
    o.outcome,
    o.reason,
    o.at
FROM outcome o
JOIN page p ON p.id = o.page_id
WHERE coalesce(o.role, '') <> 'requisite';

-- Every number of every version, as they stand in the reports. (The order also keeps SQLite from
-- walking the whole table along the indicators: 300,000 rows in 1.6 s instead of 3.5.)
CREATE VIEW figures AS
SELECT
    p.key AS url,
    v.number AS version,
    v.report_year,
    coalesce(o.name,
        (SELECT value FROM field WHERE version_id = v.id AND name = 'agency' AND chosen),
        t.name) AS body,
    c.form,
    c.indicator,
    c.applicant,
    {value} AS value,
    c.unit,
    coalesce(f.printed, {usual_print}) AS printed,
    {state} AS state,
    c.label,
    c.place,
    v.number = p.versions AS current,
    nullif(o.division, '') AS division,
    v.public_body_id AS body_id,
    v.reader_version
FROM figure f
JOIN cell c ON c.id = f.cell_id
JOIN version v ON v.id = f.version_id
JOIN page p ON p.id = v.page_id
JOIN portal t ON t.key = p.portal_key
LEFT JOIN public_body o ON o.id = v.public_body_id
ORDER BY f.version_id, f.position;

-- The figures to count with: of all copies and versions of a body's report on a year (page, file,
-- second URL) the one that speaks: a page before a file, a correction (更正, 修订, 修正) before
-- what it corrects, then the one published last, then the one found last. Offices
-- whose place is not known are told apart by their portal: four districts are called 鼓楼区.
CREATE VIEW figures_current AS
SELECT
    b.public_body_id AS body_id,
    coalesce(o.name,
        (SELECT value FROM field WHERE version_id = b.id AND name = 'agency' AND chosen),
        t.name) AS body,
    nullif(o.division, '') AS division,
    b.report_year,
    c.form,
    c.indicator,
    c.applicant,
    {value} AS value,
    c.unit,
    {state} AS state,
    b.reader_version,
    b.key AS url,
    b.number AS version,
    b.portal_key AS portal
FROM (
    SELECT v.id, v.public_body_id, v.report_year, v.reader_version, v.number, p.key, p.portal_key,
        row_number() OVER (
            PARTITION BY v.public_body_id, CASE WHEN coalesce(w.division, '') = '' THEN p.portal_key END,
                v.report_year
            ORDER BY CASE WHEN v.kind = 'report' THEN 0 ELSE 1 END,
                CASE WHEN replace(replace(replace(v.title, '更正', ''), '修订', ''), '修正', '')
                    <> v.title THEN 0 ELSE 1 END,
                coalesce((SELECT value FROM field WHERE version_id = v.id
                    AND name = 'published_on' AND chosen), '') DESC,
                v.page_id DESC
        ) AS turn
    FROM version v
    JOIN page p ON p.id = v.page_id AND p.versions = v.number
    LEFT JOIN public_body w ON w.id = v.public_body_id
    WHERE v.official AND v.report_year IS NOT NULL
        AND EXISTS (SELECT 1 FROM figure g JOIN cell h ON h.id = g.cell_id
            WHERE g.version_id = v.id AND h.indicator IS NOT NULL)
) b
JOIN figure f ON f.version_id = b.id
JOIN cell c ON c.id = f.cell_id
JOIN portal t ON t.key = b.portal_key
LEFT JOIN public_body o ON o.id = b.public_body_id
WHERE b.turn = 1 AND c.indicator IS NOT NULL;

-- Every doubt; version is null for a doubt about a capture that made none.
CREATE VIEW findings AS
SELECT
    p.key AS url,
    v.number AS version,
    f.rule,
    f.severity,
    f.message,
    f.evidence,
    o.name AS body,
    nullif(o.division, '') AS division,
    v.public_body_id AS body_id,
    v.reader_version
FROM finding f
JOIN page p ON p.id = f.page_id
LEFT JOIN version v ON v.id = f.version_id
LEFT JOIN public_body o ON o.id = v.public_body_id
UNION ALL
SELECT
    p.key,
    v.number,
    y.rule,
    'warning',
    y.scope || ': ' || y.message,
    'report of the year before: ' || ep.key || ' version ' || e.number || ' · ' || y.evidence,
    o.name,
    nullif(o.division, ''),
    v.public_body_id,
    v.reader_version
FROM year_check y
JOIN version v ON v.id = y.version_id
LEFT JOIN public_body o ON o.id = v.public_body_id
JOIN page p ON p.id = v.page_id
JOIN version e ON e.id = y.earlier_id
JOIN page ep ON ep.id = e.page_id
WHERE y.state = 'violated';

-- Every execution of a crawl job.
CREATE VIEW runs AS
SELECT
    r.id AS run,
    r.job,
    r.mode,
    r.started_at,
    r.ended_at,
    r.status,
    r.verdict,
    r.reason,
    r.counts,
    r.portals
FROM run r;

-- The catalogue, with what is known of each portal.
CREATE VIEW portals AS
SELECT
    t.key AS portal,
    t.name,
    t.division,
    coalesce(t.family, (SELECT p.family FROM page p
        WHERE p.portal_key = t.key AND p.role IN ('entry', 'list') AND p.family IS NOT NULL
        GROUP BY p.family ORDER BY count(*) DESC, p.family LIMIT 1)) AS family,
    t.source,
    t.entries,
    (SELECT count(*) FROM page p WHERE p.portal_key = t.key AND p.versions > 0) AS pages,
    (SELECT count(*) FROM page p
        WHERE p.portal_key = t.key AND p.versions > 0 AND p.kind = 'report') AS reports,
    (SELECT max(p.last_captured_at) FROM page p WHERE p.portal_key = t.key) AS last_captured_at
FROM portal t;

-- What was withdrawn from public view, and what came back: a log.
CREATE VIEW withdrawals AS
SELECT
    p.key AS url,
    w.version,
    w.reason,
    w.withdrawn_by,
    w.withdrawn_at,
    w.restored_by,
    w.restored_at,
    w.restored_reason
FROM withdrawal w
JOIN page p ON p.id = w.page_id;
