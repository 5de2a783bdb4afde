package dev.holdfast.node.internal.port;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.holdfast.client.v1.ClientFrame;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;

/**
 * Reads bytes that are not a frame as a frame of no kind, so that they violate the protocol like any other wrong frame. gRPC
 * would take them for a failure of the server, and log it.
 */
final class LenientMarshaller implements Marshaller<ClientFrame> {
    private final Marshaller<ClientFrame> strict;

    LenientMarshaller(Marshaller<ClientFrame> strict) {
        this.strict = strict;
    }

    @Override
    public InputStream stream(ClientFrame frame) {
        return strict.stream(frame);
    }

    @Override
    public ClientFrame parse(InputStream bytes) {
        try {
            return strict.parse(bytes);
        } catch (StatusRuntimeException e) {
            if (e.getCause() instanceof InvalidProtocolBufferException) {
                return ClientFrame.getDefaultInstance();
            }
            throw e;
        }
    }
}
