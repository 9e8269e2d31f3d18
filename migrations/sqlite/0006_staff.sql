-- Whoever is invited chooses a password and a second factor with a link that works once; until
-- then they have neither. Whoever is deactivated keeps their name on what they did.
ALTER TABLE staff ADD COLUMN state TEXT NOT NULL DEFAULT 'active'
    CHECK (state IN ('invited', 'active', 'deactivated'));
-- A day, and no more: it tells whether an account is used, not when somebody is at work.
ALTER TABLE staff ADD COLUMN signed_in_on INTEGER;

-- The link of somebody who is invited: there is one at a time.
CREATE TABLE staff_enrolments (
    staff_id   BLOB    NOT NULL PRIMARY KEY REFERENCES staff (id) ON DELETE CASCADE,
    hash       BLOB    NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Nobody knows when the sessions there are were last used: everybody signs in once more.
DELETE FROM staff_sessions;
ALTER TABLE staff_sessions ADD COLUMN place TEXT NOT NULL DEFAULT 'api'
    CHECK (place IN ('api', 'console'));
ALTER TABLE staff_sessions ADD COLUMN started_at   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staff_sessions ADD COLUMN last_used_at INTEGER NOT NULL DEFAULT 0;
