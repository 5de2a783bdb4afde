package dev.holdfast.protocol;

/**
 * The bounds of everything that a request may make the cluster keep. A request over a bound is answered with
 * {@link Outcome.Rejected}; it never brings a peer down. The state machine enforces them, so changing one changes the
 * {@linkplain ProtocolVersion#SEMANTICS semantics}.
 */
public final class Limits {
    /** Longest key of a lockable, in UTF-8 bytes. */
    public static final int KEY_BYTES_MAX = 1024;

    /** Longest owner type, owner id, session host or session name, in UTF-8 bytes. */
    public static final int NAME_BYTES_MAX = 255;

    /** Most permits of a semaphore, and highest hold count of a reentrant mutex. */
    public static final int PERMITS_MAX = 1_000_000;

    /** Shortest TTL of a hold, in milliseconds. */
    public static final long TTL_MS_MIN = 1;

    /** Longest TTL of a hold, in milliseconds (365 days). */
    public static final long TTL_MS_MAX = 365L * 24 * 3600 * 1000;

    /** Longest bounded wait, in milliseconds; the only longer one is {@link Command.Acquire#WAIT_FOREVER}. */
    public static final long WAIT_MS_MAX = TTL_MS_MAX;

    /** Shortest session lease, in milliseconds. */
    public static final long SESSION_LEASE_MS_MIN = 200;

    /** Longest session lease, in milliseconds (one hour). */
    public static final long SESSION_LEASE_MS_MAX = 3600_000;

    /** Most waiters of one lockable. */
    public static final int WAITERS_PER_LOCKABLE_MAX = 100_000;

    /** Most holds and waiters together of one session. */
    public static final int HOLDS_PER_SESSION_MAX = 2_000_000;

    /** Most waiters of one session. */
    public static final int WAITERS_PER_SESSION_MAX = 200_000;

    /** Most owners that hold permits of one semaphore at the same time. */
    public static final int HOLDERS_PER_LOCKABLE_MAX = 100_000;

    /** Most sessions in which one hold was acquired, or that are told of its end. */
    public static final int SESSIONS_PER_HOLD_MAX = 1000;

    /** Most sessions of all holds of one lockable, counted once for each hold. */
    public static final int SESSIONS_PER_LOCKABLE_MAX = 200_000;

    /** Most holders, the ones with the oldest holds, that one request asks to release a lockable. */
    public static final int RELEASES_REQUESTED_MAX = 1000;

    /** Most outcomes kept for one session that does not acknowledge them. */
    public static final int UNACKNOWLEDGED_OUTCOMES_MAX = 65_536;

    /** Most events kept for one session that does not acknowledge them, before its acquires are rejected. */
    public static final int UNACKNOWLEDGED_EVENTS_MAX = 400_000;

    /** Most open sessions. */
    public static final int SESSIONS_MAX = 100_000;

    /**
     * Most commands in one log entry, where an acquire of several lockables counts for as many. A larger batch is refused before
     * it reaches the log.
     */
    public static final int COMMANDS_PER_BATCH_MAX = 2048;

    /** Largest encoded batch, in bytes. */
    public static final int BATCH_BYTES_MAX = 3 * 1024 * 1024;

    /** Most lockables that one command acquires together. */
    public static final int LOCKABLES_PER_ACQUIRE_MAX = 64;

    /** Most open sessions of one account: half of all, so that nobody keeps everybody else out. */
    public static final int SESSIONS_PER_ACCOUNT_MAX = SESSIONS_MAX / 2;

    /** Most rules. */
    public static final int RULES_MAX = 1000;

    /** Most audit records that a group keeps; the oldest give way. */
    public static final int AUDIT_RECORDS_MAX = 1000;

    /** Of what became of something, in an {@link AuditRecord} that {@link Command.RecordAudit} adds, in UTF-8. */
    public static final int AUDIT_DETAIL_BYTES_MAX = 1024;

    /** Most join tokens, used ones among them, that have not expired. */
    public static final int JOIN_TOKENS_MAX = 1000;

    /** How long a join token is good for at most, in milliseconds of log time (30 days). */
    public static final long JOIN_TOKEN_MS_MAX = 30L * 24 * 3600 * 1000;

    /** Most entries in one page of a listing answer. */
    public static final int PAGE_SIZE_MAX = 1000;

    private Limits() {}
}
