package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.HostPort;
import io.grpc.Status;

/** What a gRPC status means for requests. */
public final class GrpcStatus {

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
            case UNAUTHENTICATED, PERMISSION_DENIED -> Ending.forbidden(describeDenial(cause, address), cause);
            // The members' port says so, in the only words that HTTP/2 has for it.
            case UNAVAILABLE ->
                why.contains("INADEQUATE_SECURITY")
                        ? Ending.refused(address + " is not a port for Holdfast clients: " + why, cause)
                        : Ending.broken("cannot connect to " + address + ": " + why, cause);
            default -> Ending.broken("cannot connect to " + address + ": " + why, cause);
        };
    }

    /** Whether that means that the peer does not know who this client is, or does not admit it. */
    public static boolean denied(Throwable cause) {
        Status.Code code = Status.fromThrowable(cause).getCode();
        return code == Status.Code.UNAUTHENTICATED || code == Status.Code.PERMISSION_DENIED;
    }

    /** What was denied, in one line. */
    public static String describeDenial(Throwable cause, HostPort address) {
        Status status = Status.fromThrowable(cause);
        return TokenCredentials.failed(status)
                ? "nothing was sent to " + address + ": " + status.getDescription()
                : address + " does not admit this client: " + FailureText.of(cause);
    }

    private GrpcStatus() {}
}
