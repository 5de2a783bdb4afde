-- The highest fencing token seen for each resource. For PostgreSQL and H2.
CREATE TABLE IF NOT EXISTS holdfast_fence (
    resource VARCHAR(1024) NOT NULL PRIMARY KEY,
    token    BIGINT        NOT NULL CHECK (token >= 1)
)
