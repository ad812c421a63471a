-- What the reports say, in numbers, and what is doubted of it. Names in braces are spelled per engine in __init__.py.

-- Every number of every version, as they stand in the reports, version by version.
CREATE VIEW figures AS
SELECT
    p.key AS url,
    v.number AS version,
    v.report_year,
    coalesce(o.name,
        (SELECT value FROM field WHERE version_id = v.id AND name_id = {agency_id} AND chosen),
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
    v.reader_version,
    p.portal_key AS portal,
    {origin} AS origin,
    {confirmation} AS confirmation,
    x.confidence,
    e.engine,
    x.page AS box_page,
    x.x AS box_x,
    x.y AS box_y,
    x.width AS box_width,
    x.height AS box_height{correction}
FROM version v
{publisher_first}{figures_of_version}
JOIN page p ON p.id = v.page_id
JOIN portal t ON t.key = p.portal_key{publisher_last}
LEFT JOIN optical_figure x ON x.version_id = f.version_id AND x.position = f.position
LEFT JOIN optical_reading m ON m.version_id = x.version_id
LEFT JOIN optical_document e ON e.id = m.document_id{corrected}
{by_version};

-- What figures_current counts, without words: sums over a whole country read no pages. No export.
CREATE VIEW figures_counted AS
SELECT
    r.public_body_id AS body_id,
    r.report_year,
    c.form,
    c.indicator,
    c.applicant,
    {value} AS value,
    i.concept,
    'table' AS certainty
{counted_figures}
{concept_of_cell}
WHERE {is_counted}
UNION ALL
SELECT
    r.public_body_id,
    r.report_year,
    NULL,
    NULL,
    NULL,
    {concept_value},
    k.concept,
    'prose'
{current_statements};

-- The figures to count with: those of the report that speaks for a body and year, each indicator
-- and applicant once (archive.store.query.current_reports says which; what stands twice is in
-- repeated_figure); behind them what its prose alone says of a concept (counted_statement).
CREATE VIEW figures_current AS
SELECT
    r.public_body_id AS body_id,
    o.name AS body,
    nullif(o.division, '') AS division,
    r.report_year,
    c.form,
    c.indicator,
    c.applicant,
    {value} AS value,
    c.unit,
    {state} AS state,
    v.reader_version,
    p.key AS url,
    v.number AS version,
    p.portal_key AS portal,
    d.name AS place,
    d.province,
    CASE WHEN o.kind = 'township' THEN o.kind ELSE d.level END AS level,
    i.concept,
    'table' AS certainty,
    v.captured_at,
    v.content_hash,
    o.kind,
    {origin} AS origin,
    {confirmation} AS confirmation,
    x.confidence{correction}
{current_figures}
LEFT JOIN optical_figure x ON x.version_id = f.version_id AND x.position = f.position
JOIN version v ON v.id = r.version_id
JOIN page p ON p.id = v.page_id
JOIN public_body o ON o.id = r.public_body_id
LEFT JOIN division d ON d.code = o.division
{concept_of_cell}
WHERE {is_counted}
UNION ALL
SELECT
    r.public_body_id,
    o.name,
    nullif(o.division, ''),
    r.report_year,
    NULL,
    NULL,
    NULL,
    {concept_value},
    CASE WHEN q.unit = '万元' THEN q.unit ELSE coalesce(nullif(k.unit, ''), q.unit) END,
    {stated},
    v.reader_version,
    p.key,
    v.number,
    p.portal_key,
    d.name,
    d.province,
    CASE WHEN o.kind = 'township' THEN o.kind ELSE d.level END,
    k.concept,
    'prose',
    v.captured_at,
    v.content_hash,
    o.kind,
    CASE WHEN x.version_id IS NOT NULL THEN 'ocr' END,
    CASE WHEN x.version_id IS NOT NULL THEN 'unconfirmed' END,
    NULL{no_correction}
{current_statements}
LEFT JOIN optical_reading x ON x.version_id = r.version_id
JOIN version v ON v.id = r.version_id
JOIN page p ON p.id = v.page_id
JOIN public_body o ON o.id = r.public_body_id
LEFT JOIN division d ON d.code = o.division;

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
