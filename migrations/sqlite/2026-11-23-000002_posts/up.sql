-- Times are microseconds since 1970-01-01 UTC.
CREATE TABLE posts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    -- No ON DELETE CASCADE: the service deletes the posts itself, so that it knows which ones to drop from its cache.
    author_id  INTEGER NOT NULL CONSTRAINT posts_author_id_fkey REFERENCES users (id),
    title      TEXT NOT NULL,
    body       TEXT NOT NULL,
    status     TEXT NOT NULL CONSTRAINT posts_status_check CHECK (status IN ('draft', 'published', 'archived')),
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX posts_created_at_idx ON posts (created_at DESC, id DESC);
CREATE INDEX posts_status_created_at_idx ON posts (status, created_at DESC, id DESC);
CREATE INDEX posts_author_created_at_idx ON posts (author_id, created_at DESC, id DESC);
CREATE INDEX posts_title_idx ON posts (title, id);
