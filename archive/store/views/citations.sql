-- What a citation of each version says: who, what, when it was captured, and where the bytes lie.
CREATE VIEW citations AS
SELECT
    p.key AS url,
    v.number AS version,
    v.title,
    coalesce(o.name,
        (SELECT value FROM field WHERE version_id = v.id AND name_id = {agency_id} AND chosen),
        t.name) AS body,
    v.report_year,
    v.captured_at,
    v.content_hash,
    v.reader_version,
    c.payload_digest,
    w.name AS warc_file,
    c.warc_offset,
    (SELECT value FROM field WHERE version_id = v.id AND name_id = {published_on_id} AND chosen) AS published_on,
    nullif(o.division, '') AS division,
    v.public_body_id AS body_id,
    p.portal_key AS portal
FROM version v
JOIN page p ON p.id = v.page_id
JOIN portal t ON t.key = p.portal_key
JOIN capture c ON c.id = v.capture_id
JOIN warc_file w ON w.id = c.warc_file_id
LEFT JOIN public_body o ON o.id = v.public_body_id;
