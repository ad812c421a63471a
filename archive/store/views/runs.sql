-- What was visited, when, and how it ended. Names in braces are spelled per engine in __init__.py.

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
