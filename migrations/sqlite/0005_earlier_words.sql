-- What a post said before its author changed it, for whoever looks at it: erased when they have.
CREATE TABLE earlier_words (
    post_id  BLOB    NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    text     TEXT    NOT NULL,
    verdict  TEXT    NOT NULL,
    PRIMARY KEY (post_id, revision)
) STRICT, WITHOUT ROWID;
