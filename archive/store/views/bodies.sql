-- Every public body, with the reports that speak for it: one a year at most.
CREATE VIEW bodies AS
SELECT
    o.id AS body_id,
    o.name,
    nullif(o.division, '') AS division,
    d.name AS place,
    d.province,
    CASE WHEN o.kind = 'township' THEN o.kind ELSE d.level END AS level,
    o.kind,
    (SELECT coalesce({json_group_array}(k.portal_key), '[]')
        FROM (SELECT DISTINCT p.portal_key FROM current_report r
            JOIN version v ON v.id = r.version_id
            JOIN page p ON p.id = v.page_id
            WHERE r.public_body_id = o.id ORDER BY p.portal_key) k) AS portals,
    (SELECT min(r.report_year) FROM current_report r WHERE r.public_body_id = o.id) AS first_year,
    (SELECT max(r.report_year) FROM current_report r WHERE r.public_body_id = o.id) AS last_year,
    (SELECT count(*) FROM current_report r WHERE r.public_body_id = o.id) AS reports
FROM public_body o
LEFT JOIN division d ON d.code = o.division;

-- What every indicator counts, and the concept that joins it with those of other forms.
CREATE VIEW indicators AS
SELECT
    i.indicator,
    i.form,
    i.name,
    i.name_en,
    i.label,
    i.unit,
    i.parent,
    i.concept,
    k.name AS concept_name,
    k.name_en AS concept_name_en,
    k.unit AS concept_unit,
    nullif(k.note, '') AS comparability,
    i.has_applicants,
    i.optional,
    i.source
FROM indicator i
LEFT JOIN concept k ON k.concept = i.concept;

-- The consistency rules, R1 to R21.
CREATE VIEW rules AS
SELECT
    r.rule,
    r.forms,
    nullif(r.scope, '') AS scope,
    r.text,
    r.text_en,
    r.kind,
    r.strength,
    r.source
FROM rule r;
