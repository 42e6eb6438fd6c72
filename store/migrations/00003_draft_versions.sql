-- +goose Up

-- What a draft said at each of its last saves, deflated JSON: whoever began to write from an older one is brought together
-- with what others wrote since, and nothing is lost.
CREATE TABLE draft_version (
    draft INTEGER NOT NULL, version INTEGER NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (draft, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_state ON draft (state);
CREATE INDEX source_key ON source (source);

-- Numbers of actions were counted too low where a publication had several new ones.
UPDATE counter SET value = max(value, (SELECT coalesce(max(id), 0) FROM action)) WHERE name = 'action';

-- +goose Down
DROP INDEX source_key; DROP INDEX draft_state; DROP TABLE draft_version;
