-- Times are microseconds since the Unix epoch; "_on" is a day since the Unix epoch, where a
-- finer time would let rows be joined. WITHOUT ROWID, because a rowid tells in which order
-- rows of different tables were made.

-- The tag of nothing under the key that this database was first written with: a program with
-- another key would find nobody's posts, and must not start.
CREATE TABLE key_check (
    id  INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    tag BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    id            BLOB    NOT NULL PRIMARY KEY,
    created_on    INTEGER NOT NULL,
    age_band      TEXT    NOT NULL,
    area          TEXT,
    gender        TEXT,
    muted_topics  TEXT    NOT NULL,
    quiet_hours   TEXT,
    recovery_hash BLOB    NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE token_families (
    id         BLOB    NOT NULL PRIMARY KEY,
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires_on INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX token_families_account ON token_families (account_id);

CREATE TABLE refresh_tokens (
    hash      BLOB    NOT NULL PRIMARY KEY,
    family_id BLOB    NOT NULL REFERENCES token_families (id) ON DELETE CASCADE,
    used      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);

CREATE TABLE live_tickets (
    hash       BLOB    NOT NULL PRIMARY KEY,
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- author_tag and author_sealed mean nothing without the key that is not in the database.
CREATE TABLE posts (
    id             BLOB    NOT NULL PRIMARY KEY,
    author_tag     BLOB    NOT NULL UNIQUE,
    author_sealed  BLOB    NOT NULL,
    text           TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    published_at   INTEGER,
    state          TEXT    NOT NULL CHECK (state IN ('live', 'held', 'declined', 'withdrawn')),
    revision       INTEGER NOT NULL,
    level          TEXT    NOT NULL CHECK (level IN ('green', 'amber', 'red', 'crisis')),
    verdict        TEXT    NOT NULL,
    review_by      INTEGER,
    decline_reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX posts_feed ON posts (published_at DESC, id DESC) WHERE state = 'live';
CREATE INDEX posts_created ON posts (created_at, id);

CREATE TABLE post_topics (
    post_id BLOB NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    topic   TEXT NOT NULL,
    PRIMARY KEY (post_id, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_topics_topic ON post_topics (topic, post_id);

CREATE TABLE reactions (
    post_id BLOB NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    kind    TEXT NOT NULL CHECK (kind IN ('heart', 'me2', 'hug')),
    tag     BLOB NOT NULL,
    PRIMARY KEY (post_id, kind, tag)
) STRICT, WITHOUT ROWID;

-- What the answer to a request was, for the day the same request comes again.
CREATE TABLE idempotency_keys (
    tag         BLOB    NOT NULL PRIMARY KEY,
    fingerprint BLOB    NOT NULL,
    post_id     BLOB    NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    expires_on  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE staff (
    id            BLOB    NOT NULL PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE,
    role          TEXT    NOT NULL,
    organisation  TEXT,
    password_hash TEXT    NOT NULL,
    totp_sealed   BLOB    NOT NULL,
    totp_step     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A post that is erased leaves its cases behind: they hold no words, and the record needs them.
CREATE TABLE cases (
    id          BLOB    NOT NULL PRIMARY KEY,
    post_id     BLOB    NOT NULL,
    revision    INTEGER NOT NULL,
    queue       TEXT    NOT NULL,
    level       TEXT    NOT NULL CHECK (level IN ('green', 'amber', 'red', 'crisis')),
    state       TEXT    NOT NULL CHECK (state IN ('open', 'escalated', 'decided')),
    opened_at   INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    claimed_by  BLOB    REFERENCES staff (id),
    claim_until INTEGER,
    decision    TEXT,
    decided_by  BLOB    REFERENCES staff (id),
    decided_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX cases_one_undecided ON cases (post_id) WHERE state <> 'decided';
CREATE INDEX cases_due ON cases (due_at, id) WHERE state <> 'decided';
CREATE INDEX cases_post ON cases (post_id);

CREATE TABLE reports (
    tag     BLOB    NOT NULL PRIMARY KEY,
    post_id BLOB    NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    case_id BLOB    NOT NULL REFERENCES cases (id),
    reason  TEXT    NOT NULL,
    note    TEXT,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reports_case ON reports (case_id);
CREATE INDEX reports_post ON reports (post_id);

CREATE TABLE appeals (
    post_id  BLOB    NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    case_id  BLOB    NOT NULL REFERENCES cases (id),
    text     TEXT    NOT NULL,
    made_at  INTEGER NOT NULL,
    PRIMARY KEY (post_id, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX appeals_case ON appeals (case_id);

CREATE TABLE receipts (
    hash    BLOB NOT NULL PRIMARY KEY,
    kind    TEXT NOT NULL CHECK (kind IN ('report', 'appeal')),
    case_id BLOB NOT NULL REFERENCES cases (id)
) STRICT, WITHOUT ROWID;

-- What live sockets are told, in order. The counter is a row, so that numbers are given out in
-- the order of the commits and a reader never skips one that commits late.
CREATE TABLE event_head (
    id  INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO event_head (id, seq) VALUES (1, 0);

CREATE TABLE events (
    seq     INTEGER NOT NULL PRIMARY KEY,
    kind    TEXT    NOT NULL CHECK (kind IN ('post', 'reactions', 'gone', 'notice')),
    post_id BLOB    NOT NULL,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_sessions (
    hash       BLOB    NOT NULL PRIMARY KEY,
    staff_id   BLOB    NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Append-only: each line holds the hash of the one before it.
CREATE TABLE audit (
    seq       INTEGER NOT NULL PRIMARY KEY,
    made_at   INTEGER NOT NULL,
    actor     TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    details   TEXT    NOT NULL,
    prev_hash BLOB    NOT NULL,
    hash      BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_subject ON audit (subject, seq);

CREATE TABLE audit_head (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    seq  INTEGER NOT NULL,
    hash BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, x'');

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
