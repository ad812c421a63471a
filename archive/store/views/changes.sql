-- What changed on pages: figures, titles, texts and fields from version to version, and pages that
-- went and came back.
CREATE VIEW changes AS
SELECT
    p.key AS url,
    v.number AS version,
    coalesce(e.number, v.number) AS previous,
    c.at AS captured_at,
    c.what,
    coalesce(c.name, f.name) AS name,
    k.form,
    k.indicator,
    k.applicant,
    k.label,
    coalesce(c.old_value, f.old_printed) AS old,
    coalesce(c.new_value, f.new_printed) AS new,
    c.removed,
    c.added,
    v.title,
    v.report_year,
    o.name AS body,
    nullif(o.division, '') AS division,
    v.public_body_id AS body_id,
    p.portal_key AS portal,
    v.reader_version
FROM page_change c
JOIN version v ON v.id = c.version_id
JOIN page p ON p.id = v.page_id
LEFT JOIN version_pair r ON r.version_id = c.version_id AND c.event_id IS NULL AND c.run_id IS NULL
LEFT JOIN version e ON e.id = r.earlier_id
LEFT JOIN cell k ON k.id = c.cell_id
LEFT JOIN field_event f ON f.id = c.event_id
LEFT JOIN public_body o ON o.id = v.public_body_id;
