-- +goose Up

-- Names of groups in texts, and names that can mean several participants: what recognition reads besides the aliases.
CREATE TABLE group_alias (
    grouping TEXT NOT NULL, position INTEGER NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    alias TEXT NOT NULL, lang TEXT NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (grouping, position, rev_from)
) STRICT, WITHOUT ROWID;

-- codes: participants, parted by "|", the likeliest first.
CREATE TABLE ambiguous (
    position INTEGER NOT NULL, rev_from INTEGER NOT NULL, rev_to INTEGER NOT NULL,
    alias TEXT NOT NULL, codes TEXT NOT NULL, rule TEXT NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (position, rev_from)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE ambiguous; DROP TABLE group_alias;
