-- Whose a case is to look at, where somebody was named; the claim, which ends by itself, is
-- another matter. And the deadline over which the alarm was raised.
ALTER TABLE cases ADD COLUMN assigned_to UUID REFERENCES staff (id);
ALTER TABLE cases ADD COLUMN alarmed_for BIGINT;
CREATE INDEX cases_unalarmed ON cases (due_at, id)
    WHERE state <> 'decided' AND (alarmed_for IS NULL OR alarmed_for <> due_at);

-- What a member of staff looks at again and again: the query of a page.
CREATE TABLE saved_views (
    staff_id UUID NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    name     TEXT NOT NULL,
    query    TEXT NOT NULL,
    PRIMARY KEY (staff_id, name)
);

-- What one shift tells the next, and who has read it.
CREATE TABLE handover_notes (
    id         UUID   NOT NULL PRIMARY KEY,
    written_by UUID   NOT NULL REFERENCES staff (id),
    written_at BIGINT NOT NULL,
    case_id    UUID   REFERENCES cases (id),
    text       TEXT   NOT NULL
);
CREATE INDEX handover_notes_written ON handover_notes (written_at);

CREATE TABLE handover_reads (
    note_id  UUID NOT NULL REFERENCES handover_notes (id) ON DELETE CASCADE,
    staff_id UUID NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    PRIMARY KEY (note_id, staff_id)
);

-- What other systems are still to be told; gone once they have taken it.
CREATE TABLE webhook_messages (
    id       UUID   NOT NULL PRIMARY KEY,
    receiver TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    made_at  BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at  BIGINT NOT NULL
);
CREATE INDEX webhook_messages_next ON webhook_messages (next_at);
