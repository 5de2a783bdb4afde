package dev.holdfast.client.errors;

/**
 * The client was closed before or during the operation. An operation that was never sent did nothing. A pending acquire was
 * given up: what it may have been granted ends with the session, and the cluster was asked to undo it.
 */
public final class LockClientClosedException extends LockException {
    private static final long serialVersionUID = 1;

    /** @param operation what was tried, such as "release of 'order:1' by user:42" */
    public LockClientClosedException(String operation) {
        super("The " + operation + " was not done: the Holdfast client is closed.", null);
    }
}
