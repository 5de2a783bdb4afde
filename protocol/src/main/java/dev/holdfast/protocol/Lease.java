package dev.holdfast.protocol;

/**
 * The lease that an acquire asks for.
 *
 * @param ttlMs the time to live in milliseconds for {@link LeaseKind#TTL}; 0 for the other kinds
 */
public record Lease(LeaseKind kind, long ttlMs) {
    public static final Lease SESSION = new Lease(LeaseKind.SESSION, 0);
    public static final Lease UNTIL_RELEASED = new Lease(LeaseKind.UNTIL_RELEASED, 0);

    public static Lease ttl(long ttlMs) {
        return new Lease(LeaseKind.TTL, ttlMs);
    }
}
