-- Reports whose own words are alike: this year's taken from last year's, or from another body's.
CREATE VIEW similarity AS
SELECT
    p.key AS url,
    v.number AS version,
    c.report_year,
    c.public_body_id AS body_id,
    o.name AS body,
    nullif(o.division, '') AS division,
    ep.key AS other_url,
    e.number AS other_version,
    d.report_year AS other_year,
    d.public_body_id AS other_body_id,
    eo.name AS other_body,
    nullif(eo.division, '') AS other_division,
    s.similarity,
    CASE WHEN c.public_body_id = d.public_body_id THEN 'within' ELSE 'across' END AS scope
FROM similar_pair s
JOIN current_report c ON c.version_id = s.version_id
JOIN current_report d ON d.version_id = s.other_id
JOIN version v ON v.id = s.version_id
JOIN page p ON p.id = v.page_id
JOIN public_body o ON o.id = c.public_body_id
JOIN version e ON e.id = s.other_id
JOIN page ep ON ep.id = e.page_id
JOIN public_body eo ON eo.id = d.public_body_id;
