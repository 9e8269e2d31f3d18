-- The same tables and columns as the SQLite file of this name; a test compares them.
-- Times are microseconds since the Unix epoch; "_on" is a day since the Unix epoch, where a
-- finer time would let rows be joined.

-- The tag of nothing under the key that this database was first written with: a program with
-- another key would find nobody's posts, and must not start.
CREATE TABLE key_check (
    id  BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    tag BYTEA  NOT NULL
);

CREATE TABLE accounts (
    id            UUID   NOT NULL PRIMARY KEY,
    created_on    BIGINT NOT NULL,
    age_band      TEXT   NOT NULL,
    area          TEXT,
    gender        TEXT,
    muted_topics  JSONB  NOT NULL,
    quiet_hours   JSONB,
    recovery_hash BYTEA  NOT NULL UNIQUE
);

CREATE TABLE token_families (
    id         UUID   NOT NULL PRIMARY KEY,
    account_id UUID   NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires_on BIGINT NOT NULL
);
CREATE INDEX token_families_account ON token_families (account_id);

CREATE TABLE refresh_tokens (
    hash      BYTEA   NOT NULL PRIMARY KEY,
    family_id UUID    NOT NULL REFERENCES token_families (id) ON DELETE CASCADE,
    used      BOOLEAN NOT NULL
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);

CREATE TABLE live_tickets (
    hash       BYTEA  NOT NULL PRIMARY KEY,
    account_id UUID   NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);

-- author_tag and author_sealed mean nothing without the key that is not in the database.
CREATE TABLE posts (
    id             UUID   NOT NULL PRIMARY KEY,
    author_tag     BYTEA  NOT NULL UNIQUE,
    author_sealed  BYTEA  NOT NULL,
    text           TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    published_at   BIGINT,
    state          TEXT   NOT NULL CHECK (state IN ('live', 'held', 'declined', 'withdrawn')),
    revision       BIGINT NOT NULL,
    level          TEXT   NOT NULL CHECK (level IN ('green', 'amber', 'red', 'crisis')),
    verdict        JSONB  NOT NULL,
    review_by      BIGINT,
    decline_reason TEXT
);
CREATE INDEX posts_feed ON posts (published_at DESC, id DESC) WHERE state = 'live';
CREATE INDEX posts_created ON posts (created_at, id);

CREATE TABLE post_topics (
    post_id UUID NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    topic   TEXT NOT NULL,
    PRIMARY KEY (post_id, topic)
);
CREATE INDEX post_topics_topic ON post_topics (topic, post_id);

CREATE TABLE reactions (
    post_id UUID  NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    kind    TEXT  NOT NULL CHECK (kind IN ('heart', 'me2', 'hug')),
    tag     BYTEA NOT NULL,
    PRIMARY KEY (post_id, kind, tag)
);

-- What the answer to a request was, for the day the same request comes again.
CREATE TABLE idempotency_keys (
    tag         BYTEA  NOT NULL PRIMARY KEY,
    fingerprint BYTEA  NOT NULL,
    post_id     UUID   NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    expires_on  BIGINT NOT NULL
);

CREATE TABLE staff (
    id            UUID   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL UNIQUE,
    role          TEXT   NOT NULL,
    organisation  TEXT,
    password_hash TEXT   NOT NULL,
    totp_sealed   BYTEA  NOT NULL,
    totp_step     BIGINT NOT NULL
);

-- A post that is erased leaves its cases behind: they hold no words, and the record needs them.
CREATE TABLE cases (
    id          UUID   NOT NULL PRIMARY KEY,
    post_id     UUID   NOT NULL,
    revision    BIGINT NOT NULL,
    queue       TEXT   NOT NULL,
    level       TEXT   NOT NULL CHECK (level IN ('green', 'amber', 'red', 'crisis')),
    state       TEXT   NOT NULL CHECK (state IN ('open', 'escalated', 'decided')),
    opened_at   BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    claimed_by  UUID   REFERENCES staff (id),
    claim_until BIGINT,
    decision    TEXT,
    decided_by  UUID   REFERENCES staff (id),
    decided_at  BIGINT
);
CREATE UNIQUE INDEX cases_one_undecided ON cases (post_id) WHERE state <> 'decided';
CREATE INDEX cases_due ON cases (due_at, id) WHERE state <> 'decided';
CREATE INDEX cases_post ON cases (post_id);

CREATE TABLE reports (
    tag     BYTEA  NOT NULL PRIMARY KEY,
    post_id UUID   NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    case_id UUID   NOT NULL REFERENCES cases (id),
    reason  TEXT   NOT NULL,
    note    TEXT,
    made_at BIGINT NOT NULL
);
CREATE INDEX reports_case ON reports (case_id);
CREATE INDEX reports_post ON reports (post_id);

CREATE TABLE appeals (
    post_id  UUID   NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL,
    case_id  UUID   NOT NULL REFERENCES cases (id),
    text     TEXT   NOT NULL,
    made_at  BIGINT NOT NULL,
    PRIMARY KEY (post_id, revision)
);
CREATE INDEX appeals_case ON appeals (case_id);

CREATE TABLE receipts (
    hash    BYTEA NOT NULL PRIMARY KEY,
    kind    TEXT  NOT NULL CHECK (kind IN ('report', 'appeal')),
    case_id UUID  NOT NULL REFERENCES cases (id)
);

-- What live sockets are told, in order. The counter is a row, so that numbers are given out in
-- the order of the commits and a reader never skips one that commits late.
CREATE TABLE event_head (
    id  BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL
);
INSERT INTO event_head (id, seq) VALUES (1, 0);

CREATE TABLE events (
    seq     BIGINT NOT NULL PRIMARY KEY,
    kind    TEXT   NOT NULL CHECK (kind IN ('post', 'reactions', 'gone', 'notice')),
    post_id UUID   NOT NULL,
    made_at BIGINT NOT NULL
);

CREATE TABLE staff_sessions (
    hash       BYTEA  NOT NULL PRIMARY KEY,
    staff_id   UUID   NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);

-- Append-only: each line holds the hash of the one before it.
CREATE TABLE audit (
    seq       BIGINT NOT NULL PRIMARY KEY,
    made_at   BIGINT NOT NULL,
    actor     TEXT   NOT NULL,
    action    TEXT   NOT NULL,
    subject   TEXT   NOT NULL,
    details   TEXT   NOT NULL,
    prev_hash BYTEA  NOT NULL,
    hash      BYTEA  NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, seq);

CREATE TABLE audit_head (
    id   BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash BYTEA  NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, ''::bytea);

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END;
$$;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
