package dev.holdfast.node.internal.transport;

import java.io.IOException;

/** A member refused a connection or a question. Only a reason and a text travel; never an object. */
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    public RefusedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
