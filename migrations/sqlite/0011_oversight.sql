-- Whether every new post is held: by hand, or because nobody is on shift. One row, so that all
-- processes agree, and whatever publishes a post can ask in its own transaction.
CREATE TABLE surge (
    id              INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    switched_on_at  INTEGER,
    switched_on_by  BLOB    REFERENCES staff (id),
    reason          TEXT,
    unattended_from INTEGER,
    unattended_why  TEXT    CHECK (unattended_why IN ('hours', 'nobody')),
    CHECK ((switched_on_at IS NULL) = (switched_on_by IS NULL)),
    CHECK ((switched_on_at IS NULL) = (reason IS NULL)),
    CHECK ((unattended_from IS NULL) = (unattended_why IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO surge (id) VALUES (1);

-- One decision about many cases: asked for, looked at, typed in, and done case by case.
CREATE TABLE bulk_decisions (
    id         BLOB    NOT NULL PRIMARY KEY,
    made_by    BLOB    NOT NULL REFERENCES staff (id),
    made_at    INTEGER NOT NULL,
    query      TEXT    NOT NULL,
    decision   TEXT    NOT NULL CHECK (decision IN ('approve', 'decline')),
    reason     TEXT,
    left_out   TEXT    NOT NULL,
    confirmed_at INTEGER,
    undone_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX bulk_decisions_made ON bulk_decisions (made_at);

-- The cases that were looked at, and what became of each; how its post was before, for the undo.
CREATE TABLE bulk_cases (
    bulk_id         BLOB    NOT NULL REFERENCES bulk_decisions (id) ON DELETE CASCADE,
    place           INTEGER NOT NULL,
    case_id         BLOB    NOT NULL REFERENCES cases (id),
    revision        INTEGER NOT NULL,
    level           TEXT    NOT NULL CHECK (level IN ('green', 'amber', 'red', 'crisis')),
    state           TEXT    NOT NULL CHECK (state IN ('waiting', 'done', 'skipped', 'undone', 'kept')),
    why             TEXT,
    decided_at      INTEGER,
    state_before    TEXT    CHECK (state_before IN ('live', 'held', 'declined', 'withdrawn')),
    review_before   INTEGER,
    PRIMARY KEY (bulk_id, place)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX bulk_cases_case ON bulk_cases (bulk_id, case_id);

-- The figures are about the cases that were opened in a stretch of time.
CREATE INDEX cases_opened ON cases (opened_at, id);
CREATE INDEX audit_made ON audit (made_at);
