-- Pages, their versions and captures. Names in braces are spelled per engine in __init__.py.

-- Each page's latest version.
CREATE VIEW documents AS
SELECT
    p.portal_key AS portal,
    p.key AS url,
    v.kind,
    v.title,
    (SELECT value FROM field WHERE version_id = v.id AND name_id = {agency_id} AND chosen) AS agency,
    (SELECT value FROM field WHERE version_id = v.id AND name_id = {index_number_id} AND chosen) AS index_number,
    (SELECT value FROM field WHERE version_id = v.id AND name_id = {document_number_id} AND chosen) AS document_number,
    (SELECT value FROM field WHERE version_id = v.id AND name_id = {category_id} AND chosen) AS category,
    v.report_year,
    (SELECT value FROM field WHERE version_id = v.id AND name_id = {written_on_id} AND chosen) AS written_on,
    (SELECT value FROM field WHERE version_id = v.id AND name_id = {published_on_id} AND chosen) AS published_on,
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
        FROM (SELECT n.word AS name, t.value, coalesce(t.printed, t.value) AS printed, w.word AS origin
            FROM field t
            JOIN field_word n ON n.id = t.name_id
            JOIN field_word w ON w.id = t.origin_id
            WHERE t.version_id = v.id AND t.chosen ORDER BY t.position) f) AS fields,
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
