-- What a post said before its author changed it, for whoever looks at it: erased when they have.
CREATE TABLE earlier_words (
    post_id  UUID NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL,
    text     TEXT    NOT NULL,
    verdict  JSONB NOT NULL,
    PRIMARY KEY (post_id, revision)
);
