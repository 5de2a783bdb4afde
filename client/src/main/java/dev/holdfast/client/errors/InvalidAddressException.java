package dev.holdfast.client.errors;

/** A text or a pair of values is not the address of a peer. */
public final class InvalidAddressException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public InvalidAddressException(String message) {
        super(message);
    }
}
