package dev.holdfast.statemachine;

import dev.holdfast.protocol.ProtocolVersion;

/** The cluster has switched to semantics that this release does not know: this peer must stop and be upgraded. */
public final class UnsupportedSemanticsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnsupportedSemanticsException(int semantics) {
        super("the cluster has switched to semantics " + semantics + ", but this release only knows semantics up to "
                + ProtocolVersion.SEMANTICS + ": upgrade this peer");
    }
}
