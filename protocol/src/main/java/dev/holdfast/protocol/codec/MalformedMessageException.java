package dev.holdfast.protocol.codec;

/** Bytes or a message that this release cannot read: garbage, a missing part, or an unknown value. */
public final class MalformedMessageException extends Exception {
    private static final long serialVersionUID = 1;

    public MalformedMessageException(String message) {
        super(message);
    }

    public MalformedMessageException(String message, Throwable cause) {
        super(message, cause);
    }
}
