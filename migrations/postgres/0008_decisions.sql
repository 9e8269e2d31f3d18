-- What an author was told when their post was declined, as it was said then: a later policy may
-- say it in other words.
ALTER TABLE posts ADD COLUMN decline_message TEXT;

-- The policies that decisions cite, as they were then.
CREATE TABLE policies (
    hash          TEXT    NOT NULL PRIMARY KEY,
    text          TEXT    NOT NULL,
    first_used_at BIGINT  NOT NULL
);

-- What was decided, each time, counted from 1 in each case; undone_at where it was taken back.
-- Which post it was about stands with the case alone. hidden is what it hid of the text: places,
-- never words. undo is how everything was before, sealed, for the minute in which it can be undone.
CREATE TABLE decisions (
    case_id        UUID    NOT NULL REFERENCES cases (id),
    number         BIGINT  NOT NULL,
    revision       BIGINT  NOT NULL,
    decided_by     UUID    NOT NULL REFERENCES staff (id),
    decided_at     BIGINT  NOT NULL,
    decision       TEXT    NOT NULL CHECK (decision IN ('approve', 'decline', 'escalate', 'hold', 'close')),
    reason         TEXT,
    reason_version BIGINT,
    policy         TEXT    NOT NULL REFERENCES policies (hash),
    level_before   TEXT    NOT NULL CHECK (level_before IN ('green', 'amber', 'red', 'crisis')),
    level_after    TEXT    NOT NULL CHECK (level_after IN ('green', 'amber', 'red', 'crisis')),
    topics_before  JSONB   NOT NULL,
    topics_after   JSONB   NOT NULL,
    hidden         JSONB   NOT NULL,
    review_by      BIGINT,
    undo           BYTEA,
    undone_at      BIGINT,
    PRIMARY KEY (case_id, number),
    CHECK ((reason IS NULL) = (reason_version IS NULL))
);
CREATE INDEX decisions_made ON decisions (decided_at, case_id, number);
CREATE INDEX decisions_undo ON decisions (decided_at) WHERE undo IS NOT NULL;
