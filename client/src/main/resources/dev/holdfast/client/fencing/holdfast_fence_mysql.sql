-- The highest fencing token seen for each resource. For MySQL and MariaDB. The name of a resource is in UTF-8.
CREATE TABLE IF NOT EXISTS holdfast_fence (
    resource VARBINARY(1024) NOT NULL PRIMARY KEY,
    token    BIGINT          NOT NULL CHECK (token >= 1)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC
