-- +goose Up
-- Who leads to a declaration is asked for each of its pages: by the addresses that it has and had, and those that were retired into it.
CREATE INDEX link_target ON link (target);
CREATE INDEX declaration_merged_into ON declaration (merged_into) WHERE merged_into <> '';

-- +goose Down
DROP INDEX declaration_merged_into; DROP INDEX link_target;
