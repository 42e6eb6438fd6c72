-- +goose Up

-- One row is one published change. `change` holds its row versions as deflated lines, which the hash covers, so that
-- verify can name the row that was altered. See hash.go.
CREATE TABLE revision (
    number         INTEGER PRIMARY KEY,
    published_at   TEXT    NOT NULL,
    subject        TEXT    NOT NULL CHECK (subject IN ('declaration', 'reference')),
    declaration_id INTEGER NOT NULL DEFAULT 0,
    declaration    TEXT    NOT NULL DEFAULT '',
    changes        TEXT    NOT NULL,
    summary        TEXT    NOT NULL,
    reason         TEXT    NOT NULL,
    reason_lang    TEXT    NOT NULL,
    author_role    TEXT    NOT NULL,
    author_name    TEXT    NOT NULL DEFAULT '',
    previous_hash  TEXT    NOT NULL,
    hash           TEXT    NOT NULL,
    change         BLOB    NOT NULL
) STRICT;
CREATE INDEX revision_declaration ON revision (declaration_id, number);
CREATE INDEX revision_reference ON revision (number) WHERE subject = 'reference';

-- Versioned rows: rev_from is the revision that brought the row, rev_to the one that ended it (2147483647 while it stands).
-- Tables are clustered by declaration: an export reads them in one pass.
CREATE TABLE declaration (
    id INTEGER NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    slug TEXT NOT NULL, kind TEXT NOT NULL,
    adopted TEXT NOT NULL, presented TEXT NOT NULL, published TEXT NOT NULL, opened TEXT NOT NULL, closed TEXT NOT NULL,
    presented_by TEXT NOT NULL, presenter_delegation TEXT NOT NULL, presenter_counted TEXT NOT NULL,
    open TEXT NOT NULL, list_complete TEXT NOT NULL, merged_into TEXT NOT NULL,
    PRIMARY KEY (id, rev_from)
) STRICT, WITHOUT ROWID;
CREATE INDEX declaration_slug ON declaration (slug, rev_from);

CREATE TABLE title (
    declaration INTEGER NOT NULL, lang TEXT NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    position INTEGER NOT NULL, title TEXT NOT NULL, standing TEXT NOT NULL, source TEXT NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (declaration, lang, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE text (
    declaration INTEGER NOT NULL, lang TEXT NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    position INTEGER NOT NULL, event TEXT NOT NULL, place TEXT NOT NULL, summary TEXT NOT NULL, notes TEXT NOT NULL,
    PRIMARY KEY (declaration, lang, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE sponsor (
    declaration INTEGER NOT NULL, position INTEGER NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    participant TEXT NOT NULL,
    PRIMARY KEY (declaration, position, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE subject (
    declaration INTEGER NOT NULL, position INTEGER NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    topic TEXT NOT NULL,
    PRIMARY KEY (declaration, position, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE stated (
    declaration INTEGER NOT NULL, position INTEGER NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    number INTEGER NOT NULL, counts TEXT NOT NULL, date TEXT NOT NULL, source TEXT NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (declaration, position, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE link (
    declaration INTEGER NOT NULL, position INTEGER NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    kind TEXT NOT NULL, target TEXT NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (declaration, position, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
    declaration INTEGER NOT NULL, source TEXT NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    position INTEGER NOT NULL, publisher TEXT NOT NULL, title TEXT NOT NULL, url TEXT NOT NULL, lang TEXT NOT NULL,
    kind TEXT NOT NULL, published TEXT NOT NULL, read_on TEXT NOT NULL, supports TEXT NOT NULL,
    PRIMARY KEY (declaration, source, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE action (
    declaration INTEGER NOT NULL, participant TEXT NOT NULL, id INTEGER NOT NULL,
    rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    position INTEGER NOT NULL, via_group TEXT NOT NULL, action TEXT NOT NULL, capacity TEXT NOT NULL,
    capacity_as_printed TEXT NOT NULL, name_as_printed TEXT NOT NULL, printed_position INTEGER NOT NULL,
    date TEXT NOT NULL, public_date TEXT NOT NULL, reason TEXT NOT NULL, joining_not_recorded INTEGER NOT NULL,
    source TEXT NOT NULL, also_sources TEXT NOT NULL, place_in_source TEXT NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (declaration, participant, id, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE dispute (
    declaration INTEGER NOT NULL, position INTEGER NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    participant TEXT NOT NULL, claim TEXT NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (declaration, position, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE participant (
    code TEXT NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    kind TEXT NOT NULL, iso2 TEXT NOT NULL, iso3 TEXT NOT NULL, user_assigned_code TEXT NOT NULL, m49 TEXT NOT NULL,
    regional_group TEXT NOT NULL, region TEXT NOT NULL, subregion TEXT NOT NULL, un_admission TEXT NOT NULL,
    valid_from TEXT NOT NULL, valid_to TEXT NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (code, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE participant_name (
    participant TEXT NOT NULL, lang TEXT NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    name TEXT NOT NULL, formal TEXT NOT NULL,
    PRIMARY KEY (participant, lang, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE alias (
    participant TEXT NOT NULL, position INTEGER NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    alias TEXT NOT NULL, lang TEXT NOT NULL, kind TEXT NOT NULL, valid_from TEXT NOT NULL, valid_to TEXT NOT NULL,
    PRIMARY KEY (participant, position, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE successor (
    participant TEXT NOT NULL, successor TEXT NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (participant, successor, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE grouping (
    code TEXT NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    position INTEGER NOT NULL, kind TEXT NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (code, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE group_name (
    grouping TEXT NOT NULL, lang TEXT NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (grouping, lang, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE membership (
    grouping TEXT NOT NULL, position INTEGER NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    participant TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
    PRIMARY KEY (grouping, position, rev_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE topic_name (
    topic TEXT NOT NULL, lang TEXT NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (topic, lang, rev_from)
) STRICT, WITHOUT ROWID;

-- Numbers given once and never again.
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('declaration', 0), ('action', 0);

-- Drafts are whole documents apart from the register: no query of the public pages reads this table.
CREATE TABLE draft (
    id             INTEGER PRIMARY KEY,
    declaration_id INTEGER NOT NULL,
    base_revision  INTEGER NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('draft', 'in_review', 'scheduled', 'published', 'discarded')),
    author         TEXT    NOT NULL,
    document       TEXT    NOT NULL,
    reason         TEXT    NOT NULL,
    publish_at     TEXT    NOT NULL DEFAULT '',
    created_at     TEXT    NOT NULL,
    changed_at     TEXT    NOT NULL
) STRICT;

-- +goose Down
DROP TABLE draft; DROP TABLE counter; DROP TABLE topic_name; DROP TABLE membership; DROP TABLE group_name;
DROP TABLE grouping; DROP TABLE successor; DROP TABLE alias; DROP TABLE participant_name; DROP TABLE participant;
DROP TABLE dispute; DROP TABLE action; DROP TABLE source; DROP TABLE link; DROP TABLE stated; DROP TABLE subject;
DROP TABLE sponsor; DROP TABLE text; DROP TABLE title; DROP TABLE declaration; DROP TABLE revision;
