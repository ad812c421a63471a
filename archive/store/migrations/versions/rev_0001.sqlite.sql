CREATE TABLE body (
    hash TEXT NOT NULL,
    text TEXT NOT NULL,
    codec TEXT NOT NULL,
    tables BLOB,
    CONSTRAINT pk_body PRIMARY KEY (hash)
);

CREATE TABLE host (
    host TEXT NOT NULL,
    last_visit_at TEXT,
    not_before_at TEXT,
    reason TEXT,
    robots_status INTEGER,
    robots_text TEXT,
    robots_fetched_at TEXT,
    trips INTEGER NOT NULL,
    rests_until TEXT,
    CONSTRAINT pk_host PRIMARY KEY (host)
);

CREATE TABLE office (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    division TEXT NOT NULL,
    kind TEXT NOT NULL,
    CONSTRAINT pk_office PRIMARY KEY (id),
    CONSTRAINT uq_office_name UNIQUE (name, division)
);

CREATE INDEX ix_office_division ON office (division);

CREATE TABLE portal (
    "key" TEXT NOT NULL,
    name TEXT NOT NULL,
    division TEXT,
    entries JSON NOT NULL,
    family TEXT,
    learned_family TEXT,
    delay_s FLOAT,
    concurrency INTEGER,
    platform TEXT,
    hours TEXT,
    max_pages INTEGER,
    tls TEXT,
    agent TEXT,
    learned_tls TEXT,
    source TEXT NOT NULL,
    CONSTRAINT pk_portal PRIMARY KEY ("key")
);

CREATE TABLE run (
    id INTEGER NOT NULL,
    job TEXT NOT NULL,
    mode TEXT NOT NULL,
    portals JSON NOT NULL,
    options JSON NOT NULL,
    pid INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    resumed_at TEXT,
    ended_at TEXT,
    status TEXT NOT NULL,
    verdict TEXT,
    reason TEXT,
    counts JSON,
    scheduled INTEGER NOT NULL,
    CONSTRAINT pk_run PRIMARY KEY (id),
    CONSTRAINT ck_run_status CHECK (status IN ('running', 'finished', 'interrupted', 'crashed'))
);

CREATE INDEX ix_run_job ON run (job, status);

CREATE TABLE warc_file (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    committed_end INTEGER NOT NULL,
    closed BOOLEAN NOT NULL,
    CONSTRAINT pk_warc_file PRIMARY KEY (id),
    CONSTRAINT uq_warc_file_name UNIQUE (name)
);

CREATE TABLE page (
    id INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    address TEXT NOT NULL,
    method TEXT NOT NULL,
    body TEXT,
    host TEXT NOT NULL,
    portal_key TEXT NOT NULL,
    role TEXT NOT NULL,
    depth INTEGER NOT NULL,
    kind TEXT,
    family TEXT,
    first_seen_at TEXT NOT NULL,
    first_captured_at TEXT,
    last_captured_at TEXT,
    next_due_at TEXT,
    versions INTEGER NOT NULL,
    body_capture_id INTEGER,
    etag TEXT,
    last_modified TEXT,
    CONSTRAINT pk_page PRIMARY KEY (id),
    CONSTRAINT uq_page_key UNIQUE ("key"),
    CONSTRAINT fk_page_portal_key FOREIGN KEY(portal_key) REFERENCES portal ("key")
);

CREATE INDEX ix_page_address ON page (address);

CREATE INDEX ix_page_portal ON page (portal_key, role, next_due_at);

CREATE TABLE run_portal (
    run_id INTEGER NOT NULL,
    portal_key TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    counts JSON NOT NULL,
    CONSTRAINT pk_run_portal PRIMARY KEY (run_id, portal_key),
    CONSTRAINT fk_run_portal_run_id FOREIGN KEY(run_id) REFERENCES run (id),
    CONSTRAINT fk_run_portal_portal_key FOREIGN KEY(portal_key) REFERENCES portal ("key")
)
 WITHOUT ROWID;

CREATE INDEX ix_run_portal_portal ON run_portal (portal_key, run_id);

CREATE TABLE capture (
    id INTEGER NOT NULL,
    page_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    captured_at TEXT NOT NULL,
    status INTEGER NOT NULL,
    media_type TEXT,
    payload_digest TEXT,
    body_digest TEXT,
    size_bytes INTEGER NOT NULL,
    warc_file_id INTEGER NOT NULL,
    warc_offset INTEGER NOT NULL,
    warc_length INTEGER NOT NULL,
    request_file_id INTEGER,
    request_offset INTEGER,
    request_length INTEGER,
    record_id TEXT NOT NULL,
    record_type TEXT NOT NULL,
    truncated TEXT,
    etag TEXT,
    last_modified TEXT,
    refers_to INTEGER,
    host TEXT NOT NULL,
    elapsed_s FLOAT NOT NULL,
    CONSTRAINT pk_capture PRIMARY KEY (id),
    CONSTRAINT uq_capture_warc_file_id UNIQUE (warc_file_id, warc_offset),
    CONSTRAINT fk_capture_page_id FOREIGN KEY(page_id) REFERENCES page (id),
    CONSTRAINT fk_capture_run_id FOREIGN KEY(run_id) REFERENCES run (id),
    CONSTRAINT fk_capture_warc_file_id FOREIGN KEY(warc_file_id) REFERENCES warc_file (id),
    CONSTRAINT fk_capture_request_file_id FOREIGN KEY(request_file_id) REFERENCES warc_file (id),
    CONSTRAINT fk_capture_refers_to FOREIGN KEY(refers_to) REFERENCES capture (id)
);

CREATE INDEX ix_capture_page ON capture (page_id, captured_at);

CREATE INDEX ix_capture_run ON capture (run_id);

CREATE TABLE frontier (
    page_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    host TEXT NOT NULL,
    role TEXT NOT NULL,
    rank SMALLINT NOT NULL,
    position INTEGER NOT NULL,
    depth INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    not_before_at TEXT,
    reason TEXT,
    hops JSON NOT NULL,
    capture_id INTEGER,
    CONSTRAINT pk_frontier PRIMARY KEY (page_id),
    CONSTRAINT ck_frontier_state CHECK (state IN ('pending', 'leased', 'kept')),
    CONSTRAINT ck_frontier_kept CHECK ((state = 'kept') = (capture_id IS NOT NULL)),
    CONSTRAINT fk_frontier_page_id FOREIGN KEY(page_id) REFERENCES page (id),
    CONSTRAINT fk_frontier_run_id FOREIGN KEY(run_id) REFERENCES run (id),
    CONSTRAINT fk_frontier_capture_id FOREIGN KEY(capture_id) REFERENCES capture (id)
);

CREATE INDEX ix_frontier_turn ON frontier (run_id, state, host, rank, position);

CREATE TABLE outcome (
    run_id INTEGER NOT NULL,
    page_id INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    capture_id INTEGER,
    attempts INTEGER NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT pk_outcome PRIMARY KEY (run_id, page_id),
    CONSTRAINT fk_outcome_run_id FOREIGN KEY(run_id) REFERENCES run (id),
    CONSTRAINT fk_outcome_page_id FOREIGN KEY(page_id) REFERENCES page (id),
    CONSTRAINT fk_outcome_capture_id FOREIGN KEY(capture_id) REFERENCES capture (id)
)
 WITHOUT ROWID;

CREATE INDEX ix_outcome_capture ON outcome (capture_id);

CREATE INDEX ix_outcome_page ON outcome (page_id, run_id);

CREATE TABLE version (
    id INTEGER NOT NULL,
    page_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    capture_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    captured_at TEXT NOT NULL,
    supersedes INTEGER,
    title TEXT,
    kind TEXT NOT NULL,
    report_year INTEGER,
    office_id INTEGER,
    official BOOLEAN NOT NULL,
    reader_version TEXT NOT NULL,
    family TEXT,
    charset_declared TEXT,
    charset_used TEXT,
    CONSTRAINT pk_version PRIMARY KEY (id),
    CONSTRAINT uq_version_page_id UNIQUE (page_id, number),
    CONSTRAINT fk_version_page_id FOREIGN KEY(page_id) REFERENCES page (id),
    CONSTRAINT fk_version_body_hash FOREIGN KEY(body_hash) REFERENCES body (hash),
    CONSTRAINT fk_version_capture_id FOREIGN KEY(capture_id) REFERENCES capture (id),
    CONSTRAINT fk_version_run_id FOREIGN KEY(run_id) REFERENCES run (id),
    CONSTRAINT fk_version_supersedes FOREIGN KEY(supersedes) REFERENCES version (id),
    CONSTRAINT fk_version_office_id FOREIGN KEY(office_id) REFERENCES office (id)
);

CREATE INDEX ix_version_body ON version (body_hash);

CREATE INDEX ix_version_office ON version (office_id, report_year);

CREATE INDEX ix_version_year ON version (report_year);

CREATE TABLE check_result (
    version_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    rule TEXT NOT NULL,
    scope TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT NOT NULL,
    evidence TEXT NOT NULL,
    CONSTRAINT pk_check_result PRIMARY KEY (version_id, position),
    CONSTRAINT fk_check_result_version_id FOREIGN KEY(version_id) REFERENCES version (id)
)
 WITHOUT ROWID;

CREATE TABLE field (
    version_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    part TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT,
    printed TEXT NOT NULL,
    origin TEXT NOT NULL,
    chosen BOOLEAN NOT NULL,
    CONSTRAINT pk_field PRIMARY KEY (version_id, position),
    CONSTRAINT fk_field_version_id FOREIGN KEY(version_id) REFERENCES version (id)
)
 WITHOUT ROWID;

CREATE INDEX ix_field_name ON field (name, value);

CREATE TABLE field_event (
    id INTEGER NOT NULL,
    page_id INTEGER NOT NULL,
    version_id INTEGER NOT NULL,
    capture_id INTEGER,
    at TEXT NOT NULL,
    name TEXT NOT NULL,
    old_value TEXT,
    old_printed TEXT,
    new_value TEXT,
    new_printed TEXT,
    CONSTRAINT pk_field_event PRIMARY KEY (id),
    CONSTRAINT fk_field_event_page_id FOREIGN KEY(page_id) REFERENCES page (id),
    CONSTRAINT fk_field_event_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_field_event_capture_id FOREIGN KEY(capture_id) REFERENCES capture (id)
);

CREATE INDEX ix_field_event_page ON field_event (page_id);

CREATE TABLE figure (
    version_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    form TEXT NOT NULL,
    indicator TEXT,
    label TEXT NOT NULL,
    applicant TEXT,
    value TEXT,
    unit TEXT,
    printed TEXT NOT NULL,
    state TEXT NOT NULL,
    place TEXT NOT NULL,
    CONSTRAINT pk_figure PRIMARY KEY (version_id, position),
    CONSTRAINT fk_figure_version_id FOREIGN KEY(version_id) REFERENCES version (id)
)
 WITHOUT ROWID;

CREATE INDEX ix_figure_indicator ON figure (indicator);

CREATE TABLE finding (
    id INTEGER NOT NULL,
    page_id INTEGER NOT NULL,
    version_id INTEGER,
    capture_id INTEGER,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    message TEXT NOT NULL,
    evidence TEXT NOT NULL,
    CONSTRAINT pk_finding PRIMARY KEY (id),
    CONSTRAINT fk_finding_page_id FOREIGN KEY(page_id) REFERENCES page (id),
    CONSTRAINT fk_finding_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_finding_capture_id FOREIGN KEY(capture_id) REFERENCES capture (id)
);

CREATE INDEX ix_finding_page ON finding (page_id);

CREATE INDEX ix_finding_version ON finding (version_id);

CREATE TABLE link (
    version_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    from_page_id INTEGER NOT NULL,
    to_page_id INTEGER,
    address TEXT NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    printed_date TEXT,
    CONSTRAINT pk_link PRIMARY KEY (version_id, position),
    CONSTRAINT fk_link_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_link_from_page_id FOREIGN KEY(from_page_id) REFERENCES page (id),
    CONSTRAINT fk_link_to_page_id FOREIGN KEY(to_page_id) REFERENCES page (id)
)
 WITHOUT ROWID;

CREATE INDEX ix_link_to ON link (to_page_id);

CREATE TABLE year_check (
    version_id INTEGER NOT NULL,
    earlier_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    rule TEXT NOT NULL,
    scope TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT NOT NULL,
    evidence TEXT NOT NULL,
    CONSTRAINT pk_year_check PRIMARY KEY (version_id, earlier_id, position),
    CONSTRAINT fk_year_check_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_year_check_earlier_id FOREIGN KEY(earlier_id) REFERENCES version (id)
)
 WITHOUT ROWID;

CREATE INDEX ix_year_check_earlier ON year_check (earlier_id);
