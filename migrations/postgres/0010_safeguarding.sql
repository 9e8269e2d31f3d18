-- Safeguarding: who is on call, what rings for them, what was done for a young person, and who
-- looked behind anonymity, when and why. Whatever people wrote is sealed: a stolen database is no
-- list of children. Nothing here names an account.

CREATE TABLE on_call (
    id        UUID   NOT NULL PRIMARY KEY,
    staff_id  UUID   NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    starts_at BIGINT NOT NULL,
    ends_at   BIGINT NOT NULL,
    -- Of those who are on call at the same time, 1 is rung first.
    place     BIGINT NOT NULL,
    CHECK (starts_at < ends_at)
);
CREATE INDEX on_call_ends ON on_call (ends_at);

-- "rung" is the lead for whom it rings now; NULL: for every lead.
CREATE TABLE escalations (
    id              UUID   NOT NULL PRIMARY KEY,
    case_id         UUID   NOT NULL REFERENCES cases (id),
    level           TEXT   NOT NULL CHECK (level IN ('green', 'amber', 'red', 'crisis')),
    state           TEXT   NOT NULL CHECK (state IN ('ringing', 'acknowledged', 'resolved')),
    opened_by       UUID   NOT NULL REFERENCES staff (id),
    opened_at       BIGINT NOT NULL,
    rings           BIGINT NOT NULL,
    rung            UUID   REFERENCES staff (id),
    answer_by       BIGINT NOT NULL,
    acknowledged_by UUID   REFERENCES staff (id),
    acknowledged_at BIGINT,
    decision        TEXT,
    resolved_at     BIGINT
);
CREATE UNIQUE INDEX escalations_one_unresolved ON escalations (case_id)
    WHERE state <> 'resolved';
CREATE INDEX escalations_ringing ON escalations (answer_by) WHERE state = 'ringing';

CREATE TABLE escalation_rings (
    escalation_id UUID   NOT NULL REFERENCES escalations (id) ON DELETE CASCADE,
    n             BIGINT NOT NULL,
    staff_id      UUID   REFERENCES staff (id),
    rung_at       BIGINT NOT NULL,
    PRIMARY KEY (escalation_id, n)
);

CREATE TABLE safeguarding_records (
    id        UUID   NOT NULL PRIMARY KEY,
    case_id   UUID   NOT NULL REFERENCES cases (id),
    opened_by UUID   NOT NULL REFERENCES staff (id),
    opened_at BIGINT NOT NULL,
    -- How many entries it has.
    entries   BIGINT NOT NULL,
    closed_by UUID   REFERENCES staff (id),
    closed_at BIGINT
);
CREATE UNIQUE INDEX safeguarding_records_one_open ON safeguarding_records (case_id)
    WHERE closed_at IS NULL;
CREATE INDEX safeguarding_records_case ON safeguarding_records (case_id);
CREATE INDEX safeguarding_records_opened ON safeguarding_records (opened_at, id);

-- Only ever added to: a later entry of a kind stands in place of an earlier one, which stays.
CREATE TABLE safeguarding_entries (
    record_id UUID   NOT NULL REFERENCES safeguarding_records (id) ON DELETE CASCADE,
    n         BIGINT NOT NULL,
    kind      TEXT   NOT NULL
        CHECK (kind IN ('concern', 'action', 'decision', 'outcome', 'told')),
    made_by   UUID   NOT NULL REFERENCES staff (id),
    made_at   BIGINT NOT NULL,
    sealed    BYTEA  NOT NULL,
    PRIMARY KEY (record_id, n)
);

CREATE TABLE disclosures (
    id           UUID   NOT NULL PRIMARY KEY,
    case_id      UUID   NOT NULL REFERENCES cases (id),
    state        TEXT   NOT NULL
        CHECK (state IN ('requested', 'approved', 'refused', 'looked', 'complete')),
    requested_by UUID   NOT NULL REFERENCES staff (id),
    requested_at BIGINT NOT NULL,
    sealed       BYTEA  NOT NULL,
    answered_by  UUID   REFERENCES staff (id),
    answered_at  BIGINT,
    looked_at    BIGINT,
    told_sealed  BYTEA,
    told_at      BIGINT,
    -- Two people, whatever the program says.
    CHECK (answered_by <> requested_by)
);
CREATE INDEX disclosures_requested ON disclosures (requested_at DESC, id DESC);
CREATE INDEX disclosures_unfinished ON disclosures (requested_at)
    WHERE state IN ('requested', 'approved', 'looked');
CREATE INDEX disclosures_case ON disclosures (case_id);

CREATE FUNCTION safeguarding_entries_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'safeguarding records are only added to';
END;
$$;
CREATE TRIGGER safeguarding_entries_are_never_changed BEFORE UPDATE ON safeguarding_entries
    FOR EACH ROW EXECUTE FUNCTION safeguarding_entries_are_append_only();
