package dev.holdfast.client.errors;

/**
 * The rules of the cluster do not allow it to this client, or the client has not proved who it is. Nothing was done: a hold that was
 * to be released or extended is held as before. Repeating it is of no use until an admin has granted the right, or the
 * client has other credentials.
 *
 * <p>The message names the principal, the right that it lacks, the key that this is about, and the command that grants it.
 */
public final class LockForbiddenException extends LockException {
    private static final long serialVersionUID = 1;

    /** @param detail a sentence for people: who lacks which right, and on what */
    public LockForbiddenException(String detail) {
        super("Forbidden: " + detail, null);
    }
}
