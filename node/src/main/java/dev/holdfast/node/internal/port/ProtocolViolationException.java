package dev.holdfast.node.internal.port;

/** A client violates the protocol. What it means cannot be known, so the connection ends. */
final class ProtocolViolationException extends Exception {
    private static final long serialVersionUID = 1;

    ProtocolViolationException(String message) {
        super(message);
    }
}
