-- Who may not decide a case, because they decided what the appeal in it is about.
CREATE TABLE appeal_recusals (
    case_id  BLOB NOT NULL REFERENCES cases (id),
    staff_id BLOB NOT NULL REFERENCES staff (id),
    PRIMARY KEY (case_id, staff_id)
) STRICT, WITHOUT ROWID;

-- A decision that a second person looks at without knowing it. Like a case, it holds no words and
-- stays when the post is erased.
CREATE TABLE reviews (
    id             BLOB NOT NULL PRIMARY KEY,
    case_id        BLOB NOT NULL REFERENCES cases (id),
    post_id        BLOB NOT NULL,
    revision       INTEGER NOT NULL,
    queue          TEXT NOT NULL,
    level          TEXT NOT NULL CHECK (level IN ('green', 'amber', 'red', 'crisis')),
    state          TEXT NOT NULL CHECK (state IN ('open', 'agreed', 'differs', 'settled')),
    decision       TEXT NOT NULL,
    reason         TEXT,
    decided_by     BLOB NOT NULL REFERENCES staff (id),
    decided_at     INTEGER NOT NULL,
    claimed_by     BLOB REFERENCES staff (id),
    claim_until    INTEGER,
    opinion        TEXT,
    opinion_reason TEXT,
    reviewed_by    BLOB REFERENCES staff (id),
    reviewed_at    INTEGER,
    ruling         TEXT CHECK (ruling IN ('stands', 'overturned')),
    settled_by     BLOB REFERENCES staff (id),
    settled_at     INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX reviews_open ON reviews (decided_at, id) WHERE state IN ('open', 'differs');
CREATE INDEX reviews_post ON reviews (post_id);
CREATE INDEX reviews_reviewed ON reviews (reviewed_at);

-- Who knows the case: whoever decided it or did something to it gives no second opinion.
CREATE TABLE review_recusals (
    review_id BLOB NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    staff_id  BLOB NOT NULL REFERENCES staff (id),
    PRIMARY KEY (review_id, staff_id)
) STRICT, WITHOUT ROWID;

-- What a member of staff had to read, by its weight: for themself alone, and for two days.
CREATE TABLE exposures (
    staff_id BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    case_id  BLOB NOT NULL REFERENCES cases (id),
    seen_at  INTEGER NOT NULL,
    points   INTEGER NOT NULL,
    PRIMARY KEY (staff_id, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX exposures_seen ON exposures (seen_at);

-- The break that somebody is on, and when their last one ended.
CREATE TABLE breaks (
    staff_id  BLOB NOT NULL PRIMARY KEY REFERENCES staff (id) ON DELETE CASCADE,
    began_at  INTEGER,
    rested_at INTEGER
) STRICT, WITHOUT ROWID;
