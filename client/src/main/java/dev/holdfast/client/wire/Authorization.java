package dev.holdfast.client.wire;

import io.grpc.Metadata;

/** Where a call says who calls. */
public final class Authorization {
    /** {@code Bearer TOKEN}, or what members say to each other. */
    public static final Metadata.Key<String> HEADER =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private Authorization() {}
}
