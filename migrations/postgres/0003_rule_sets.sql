-- The rules, as they were when a verdict was made with them: packs is each file's name and text.
-- A verdict names its set by its hash, so that what was said of a text can be worked out again.
CREATE TABLE rule_sets (
    hash          TEXT   NOT NULL PRIMARY KEY,
    packs         JSONB  NOT NULL,
    first_used_at BIGINT NOT NULL
);
