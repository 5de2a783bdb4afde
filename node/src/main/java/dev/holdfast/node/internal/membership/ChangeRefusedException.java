package dev.holdfast.node.internal.membership;

/** The members were not changed, or it is not known whether they were: the message says which, why, and what to do. */
public final class ChangeRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    public ChangeRefusedException(String message) {
        super(message);
    }

    public ChangeRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
