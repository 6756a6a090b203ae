CREATE TABLE idempotency_keys (
    -- The method with the concrete path, a space, and what the client sent in Idempotency-Key, in which there is no space.
    key         TEXT COLLATE "C" PRIMARY KEY,
    -- SHA-256 of the request's body.
    fingerprint BYTEA NOT NULL,
    -- The answer. NULL while the first request with the key is at work, which nobody else sees: it commits the row with its answer.
    status      INTEGER,
    headers     TEXT,
    body        BYTEA,
    created_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
