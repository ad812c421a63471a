-- What the reports say, in numbers, and what is doubted of it. Names in braces are spelled per engine in __init__.py.

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
