-- Safeguarding: who is on call, what rings for them, what was done for a young person, and who
-- looked behind anonymity, when and why. Whatever people wrote is sealed: a stolen database is no
-- list of children. Nothing here names an account.

CREATE TABLE on_call (
    id        BLOB    NOT NULL PRIMARY KEY,
    staff_id  BLOB    NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    starts_at INTEGER NOT NULL,
    ends_at   INTEGER NOT NULL,
    -- Of those who are on call at the same time, 1 is rung first.
    place     INTEGER NOT NULL,
    CHECK (starts_at < ends_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX on_call_ends ON on_call (ends_at);

-- "rung" is the lead for whom it rings now; NULL: for every lead.
CREATE TABLE escalations (
    id              BLOB    NOT NULL PRIMARY KEY,
    case_id         BLOB    NOT NULL REFERENCES cases (id),
    level           TEXT    NOT NULL CHECK (level IN ('green', 'amber', 'red', 'crisis')),
    state           TEXT    NOT NULL CHECK (state IN ('ringing', 'acknowledged', 'resolved')),
    opened_by       BLOB    NOT NULL REFERENCES staff (id),
    opened_at       INTEGER NOT NULL,
    rings           INTEGER NOT NULL,
    rung            BLOB    REFERENCES staff (id),
    answer_by       INTEGER NOT NULL,
    acknowledged_by BLOB    REFERENCES staff (id),
    acknowledged_at INTEGER,
    decision        TEXT,
    resolved_at     INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX escalations_one_unresolved ON escalations (case_id)
    WHERE state <> 'resolved';
CREATE INDEX escalations_ringing ON escalations (answer_by) WHERE state = 'ringing';

CREATE TABLE escalation_rings (
    escalation_id BLOB    NOT NULL REFERENCES escalations (id) ON DELETE CASCADE,
    n             INTEGER NOT NULL,
    staff_id      BLOB    REFERENCES staff (id),
    rung_at       INTEGER NOT NULL,
    PRIMARY KEY (escalation_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE safeguarding_records (
    id        BLOB    NOT NULL PRIMARY KEY,
    case_id   BLOB    NOT NULL REFERENCES cases (id),
    opened_by BLOB    NOT NULL REFERENCES staff (id),
    opened_at INTEGER NOT NULL,
    -- How many entries it has.
    entries   INTEGER NOT NULL,
    closed_by BLOB    REFERENCES staff (id),
    closed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX safeguarding_records_one_open ON safeguarding_records (case_id)
    WHERE closed_at IS NULL;
CREATE INDEX safeguarding_records_case ON safeguarding_records (case_id);
CREATE INDEX safeguarding_records_opened ON safeguarding_records (opened_at, id);

-- Only ever added to: a later entry of a kind stands in place of an earlier one, which stays.
CREATE TABLE safeguarding_entries (
    record_id BLOB    NOT NULL REFERENCES safeguarding_records (id) ON DELETE CASCADE,
    n         INTEGER NOT NULL,
    kind      TEXT    NOT NULL
        CHECK (kind IN ('concern', 'action', 'decision', 'outcome', 'told')),
    made_by   BLOB    NOT NULL REFERENCES staff (id),
    made_at   INTEGER NOT NULL,
    sealed    BLOB    NOT NULL,
    PRIMARY KEY (record_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE disclosures (
    id           BLOB    NOT NULL PRIMARY KEY,
    case_id      BLOB    NOT NULL REFERENCES cases (id),
    state        TEXT    NOT NULL
        CHECK (state IN ('requested', 'approved', 'refused', 'looked', 'complete')),
    requested_by BLOB    NOT NULL REFERENCES staff (id),
    requested_at INTEGER NOT NULL,
    sealed       BLOB    NOT NULL,
    answered_by  BLOB    REFERENCES staff (id),
    answered_at  INTEGER,
    looked_at    INTEGER,
    told_sealed  BLOB,
    told_at      INTEGER,
    -- Two people, whatever the program says.
    CHECK (answered_by <> requested_by)
) STRICT, WITHOUT ROWID;
CREATE INDEX disclosures_requested ON disclosures (requested_at DESC, id DESC);
CREATE INDEX disclosures_unfinished ON disclosures (requested_at)
    WHERE state IN ('requested', 'approved', 'looked');
CREATE INDEX disclosures_case ON disclosures (case_id);

CREATE TRIGGER safeguarding_entries_are_never_changed BEFORE UPDATE ON safeguarding_entries
BEGIN
    SELECT RAISE(ABORT, 'safeguarding records are only added to');
END;
