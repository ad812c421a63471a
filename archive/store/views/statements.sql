-- What the reports say in prose.

-- Every number that the prose of a version states, with its sentence: both are pieces of the text.
CREATE VIEW statements AS
SELECT
    p.key AS url,
    v.number AS version,
    v.report_year,
    coalesce(o.name,
        (SELECT value FROM field WHERE version_id = v.id AND name_id = {agency_id} AND chosen),
        t.name) AS body,
    nullif(o.division, '') AS division,
    v.public_body_id AS body_id,
    k.concept,
    {value} AS value,
    nullif(k.unit, '') AS unit,
    substr(b.text, f.printed_at + 1, f.printed_length) AS printed,
    {state} AS state,
    k.period,
    substr(b.text, f.sentence_at + 1, f.sentence_length) AS sentence,
    f.line,
    v.reader_version,
    v.number = p.versions AS current
FROM statement f
JOIN statement_kind k ON k.id = f.kind_id
JOIN version v ON v.id = f.version_id
JOIN body b ON b.hash = v.body_hash
JOIN page p ON p.id = v.page_id
JOIN portal t ON t.key = p.portal_key
LEFT JOIN public_body o ON o.id = v.public_body_id
ORDER BY f.version_id, f.position;
