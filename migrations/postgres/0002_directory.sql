-- What organisations offer. A changed fact takes the verification away with it, so the hash of
-- the facts that a person checked stands beside them.
CREATE TABLE services (
    id          TEXT   NOT NULL PRIMARY KEY,
    source      TEXT   NOT NULL,
    facts       JSONB  NOT NULL,
    facts_hash  BYTEA  NOT NULL,
    verified_at BIGINT,
    verified_by TEXT,
    CHECK ((verified_at IS NULL) = (verified_by IS NULL))
);
