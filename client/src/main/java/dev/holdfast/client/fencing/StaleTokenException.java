package dev.holdfast.client.fencing;

/**
 * A write came with a token below one that was seen before: somebody else was granted the lock since, and may have written.
 * The write was not done. The holder that sent it has lost its lock, whatever it believes; it should stop, not repeat.
 */
public final class StaleTokenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String resource;
    private final long token;
    private final long highestSeen;

    StaleTokenException(FencingToken write, long highestSeen) {
        super("A write to '" + write.resource() + "' with fencing token " + write.token() + " was rejected: token "
                + highestSeen + " has been seen. Its holder lost the lock, and somebody else was granted it since.");
        this.resource = write.resource();
        this.token = write.token();
        this.highestSeen = highestSeen;
    }

    /** What was to be written to. */
    public String resource() {
        return resource;
    }

    /** The token that the write came with. */
    public long token() {
        return token;
    }

    /** The highest token that was seen for the resource, when the write was rejected. */
    public long highestSeen() {
        return highestSeen;
    }
}
