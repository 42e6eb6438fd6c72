-- +goose Up

-- Staff. Nothing here is part of the register: no revision, no file and no public page reads these tables.
CREATE TABLE account (
    id            INTEGER PRIMARY KEY,
    login         TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    show_name     INTEGER NOT NULL DEFAULT 0,
    role          TEXT    NOT NULL CHECK (role IN ('reader', 'editor', 'publisher', 'administrator')),
    disabled      INTEGER NOT NULL DEFAULT 0,
    password      TEXT    NOT NULL DEFAULT '', -- argon2id, empty until one is chosen
    totp_secret   TEXT    NOT NULL DEFAULT '', -- base32, empty without a second factor
    totp_step     INTEGER NOT NULL DEFAULT 0,  -- the last step used: a code works once
    lang          TEXT    NOT NULL DEFAULT 'en',
    created_at    TEXT    NOT NULL,
    changed_at    TEXT    NOT NULL
) STRICT;

CREATE TABLE recovery_code (
    account INTEGER NOT NULL REFERENCES account (id), hash TEXT NOT NULL,
    PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;

-- One-time addresses: the first set-up, an invitation, a password reset. Only a hash of the token is kept.
CREATE TABLE one_time (
    hash       TEXT PRIMARY KEY,
    purpose    TEXT NOT NULL CHECK (purpose IN ('setup', 'invitation', 'reset')),
    account    INTEGER REFERENCES account (id),
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    hash       TEXT    PRIMARY KEY, -- of the token in the cookie
    account    INTEGER NOT NULL DEFAULT 0, -- 0 before sign-in is complete
    data       BLOB    NOT NULL,
    agent      TEXT    NOT NULL DEFAULT '',
    address    TEXT    NOT NULL DEFAULT '', -- where it was begun from
    created_at TEXT    NOT NULL,
    seen_at    TEXT    NOT NULL,
    expires_at TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_account ON session (account);

-- Attempts that failed, or are not decided yet, by account and by address: guessing is slowed, an owner is never locked out.
CREATE TABLE attempt (
    key TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account_log (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, subject TEXT NOT NULL, what TEXT NOT NULL,
    detail TEXT NOT NULL, address TEXT NOT NULL
) STRICT;
CREATE INDEX account_log_subject ON account_log (subject);
CREATE INDEX account_log_signed_in ON account_log (subject, address, at) WHERE what IN ('signed_in', 'recovery_code');
-- +goose StatementBegin
CREATE TRIGGER account_log_no_update BEFORE UPDATE ON account_log BEGIN SELECT raise(ABORT, 'the account log is append only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER account_log_no_delete BEFORE DELETE ON account_log BEGIN SELECT raise(ABORT, 'the account log is append only'); END;
-- +goose StatementEnd

-- INSERT OR REPLACE deletes without asking the trigger above.
-- +goose StatementBegin
CREATE TRIGGER account_log_no_replace BEFORE INSERT ON account_log WHEN EXISTS (SELECT 1 FROM account_log WHERE id = new.id)
BEGIN SELECT raise(ABORT, 'the account log is append only'); END;
-- +goose StatementEnd

CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- A draft keeps what was typed as well as what could be read of it, so that nothing typed is lost.
ALTER TABLE draft ADD COLUMN typed TEXT NOT NULL DEFAULT '';
ALTER TABLE draft ADD COLUMN reason_lang TEXT NOT NULL DEFAULT 'en';
ALTER TABLE draft ADD COLUMN author_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE draft ADD COLUMN subject TEXT NOT NULL DEFAULT 'declaration';
ALTER TABLE draft ADD COLUMN remarks TEXT NOT NULL DEFAULT '[]'; -- JSON: who, when, what
ALTER TABLE draft ADD COLUMN version INTEGER NOT NULL DEFAULT 1; -- counts saves: two people at one draft see each other

-- +goose Down
DROP TABLE setting; DROP TABLE account_log; DROP TABLE attempt; DROP TABLE session; DROP TABLE one_time;
DROP TABLE recovery_code; DROP TABLE account;
