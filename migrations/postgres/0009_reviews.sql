-- Who may not decide a case, because they decided what the appeal in it is about.
CREATE TABLE appeal_recusals (
    case_id  UUID NOT NULL REFERENCES cases (id),
    staff_id UUID NOT NULL REFERENCES staff (id),
    PRIMARY KEY (case_id, staff_id)
);

-- A decision that a second person looks at without knowing it. Like a case, it holds no words and
-- stays when the post is erased.
CREATE TABLE reviews (
    id             UUID NOT NULL PRIMARY KEY,
    case_id        UUID NOT NULL REFERENCES cases (id),
    post_id        UUID NOT NULL,
    revision       BIGINT NOT NULL,
    queue          TEXT NOT NULL,
    level          TEXT NOT NULL CHECK (level IN ('green', 'amber', 'red', 'crisis')),
    state          TEXT NOT NULL CHECK (state IN ('open', 'agreed', 'differs', 'settled')),
    decision       TEXT NOT NULL,
    reason         TEXT,
    decided_by     UUID NOT NULL REFERENCES staff (id),
    decided_at     BIGINT NOT NULL,
    claimed_by     UUID REFERENCES staff (id),
    claim_until    BIGINT,
    opinion        TEXT,
    opinion_reason TEXT,
    reviewed_by    UUID REFERENCES staff (id),
    reviewed_at    BIGINT,
    ruling         TEXT CHECK (ruling IN ('stands', 'overturned')),
    settled_by     UUID REFERENCES staff (id),
    settled_at     BIGINT
);
CREATE INDEX reviews_open ON reviews (decided_at, id) WHERE state IN ('open', 'differs');
CREATE INDEX reviews_post ON reviews (post_id);
CREATE INDEX reviews_reviewed ON reviews (reviewed_at);

-- Who knows the case: whoever decided it or did something to it gives no second opinion.
CREATE TABLE review_recusals (
    review_id UUID NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
    staff_id  UUID NOT NULL REFERENCES staff (id),
    PRIMARY KEY (review_id, staff_id)
);

-- What a member of staff had to read, by its weight: for themself alone, and for two days.
CREATE TABLE exposures (
    staff_id UUID NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    case_id  UUID NOT NULL REFERENCES cases (id),
    seen_at  BIGINT NOT NULL,
    points   BIGINT NOT NULL,
    PRIMARY KEY (staff_id, case_id)
);
CREATE INDEX exposures_seen ON exposures (seen_at);

-- The break that somebody is on, and when their last one ended.
CREATE TABLE breaks (
    staff_id  UUID NOT NULL PRIMARY KEY REFERENCES staff (id) ON DELETE CASCADE,
    began_at  BIGINT,
    rested_at BIGINT
);
