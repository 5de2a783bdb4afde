package dev.holdfast.client.errors;

/**
 * The client's session ended while the operation waited in a queue: the cluster was not reached for a whole session lease,
 * or said that the session is gone. Nothing was acquired. The next operation opens a new session, so simply acquire again; the
 * place in the queue is lost.
 */
public final class LockSessionLostException extends LockException {
    private static final long serialVersionUID = 1;

    /** @param operation what was under way, such as "acquire of 'order:1' for user:42" */
    public LockSessionLostException(String operation) {
        super("The " + operation + " was given up because this client's session was lost. Acquire again.", null);
    }
}
