-- +goose Up

-- A release gives a revision a name for citation and freezes the checksums of the register's files at it. It is written once
-- and never changed. Releases form a chain of hashes of their own: see release.go.
CREATE TABLE release (
    name          TEXT    PRIMARY KEY,
    revision      INTEGER NOT NULL UNIQUE,
    revision_hash TEXT    NOT NULL,
    released_at   TEXT    NOT NULL,
    address       TEXT    NOT NULL, -- of the register, which its files carry
    previous_hash TEXT    NOT NULL,
    hash          TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Written before the release that they belong to, so that none can be added once it stands. row_count is -1 for what is no table.
CREATE TABLE release_file (
    release TEXT NOT NULL, position INTEGER NOT NULL,
    file TEXT NOT NULL, bytes INTEGER NOT NULL, row_count INTEGER NOT NULL, sha256 TEXT NOT NULL,
    PRIMARY KEY (release, position)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER release_no_update BEFORE UPDATE ON release BEGIN SELECT raise(ABORT, 'a release is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER release_no_delete BEFORE DELETE ON release BEGIN SELECT raise(ABORT, 'a release is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER release_no_replace BEFORE INSERT ON release WHEN EXISTS (SELECT 1 FROM release WHERE name = new.name OR revision = new.revision)
BEGIN SELECT raise(ABORT, 'a release is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER release_file_no_update BEFORE UPDATE ON release_file BEGIN SELECT raise(ABORT, 'a release is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER release_file_no_delete BEFORE DELETE ON release_file BEGIN SELECT raise(ABORT, 'a release is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER release_file_no_more BEFORE INSERT ON release_file WHEN EXISTS (SELECT 1 FROM release WHERE name = new.release)
BEGIN SELECT raise(ABORT, 'a release is never changed'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE release_file; DROP TABLE release;
