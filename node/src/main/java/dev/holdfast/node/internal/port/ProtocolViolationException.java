package dev.holdfast.node.internal.port;

/** A client does not keep to the conversation: there is no telling what it means, so the connection ends. */
final class ProtocolViolationException extends Exception {
    private static final long serialVersionUID = 1;

    ProtocolViolationException(String message) {
        super(message);
    }
}
