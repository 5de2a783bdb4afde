package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.HostPort;
import io.grpc.Status;

/** What a gRPC status means for requests. */
final class GrpcStatus {

    /**
     * Before the welcome, some statuses mean that the peer will always refuse this client; any other status, at any time, is a
     * broken connection.
     */
    static Ending ending(Throwable cause, boolean welcomed, HostPort address) {
        Status status = Status.fromThrowable(cause);
        String why = FailureText.of(cause);
        if (welcomed) {
            return Ending.broken("the connection to " + address + " broke: " + why, cause);
        }
        return switch (status.getCode()) {
            case UNIMPLEMENTED -> Ending.refused(address + " is not a port for Holdfast clients: " + why, cause);
            case UNAUTHENTICATED, PERMISSION_DENIED ->
                Ending.refused(address + " does not admit this client: " + why, cause);
            // The members' port says so, in the only words that HTTP/2 has for it.
            case UNAVAILABLE ->
                why.contains("INADEQUATE_SECURITY")
                        ? Ending.refused(address + " is not a port for Holdfast clients: " + why, cause)
                        : Ending.broken("cannot connect to " + address + ": " + why, cause);
            default -> Ending.broken("cannot connect to " + address + ": " + why, cause);
        };
    }

    private GrpcStatus() {}
}
