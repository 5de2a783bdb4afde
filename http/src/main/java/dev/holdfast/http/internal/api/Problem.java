package dev.holdfast.http.internal.api;

import com.google.gson.JsonObject;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.http.internal.Answer;
import dev.holdfast.protocol.RejectionCode;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** Why a request was not done. It is answered as problem details (RFC 9457), whose {@code detail} is for people. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    Problem(int status, String detail) {
        super(detail);
        this.status = status;
    }

    static Problem badRequest(String detail) {
        return new Problem(HttpStatus.BAD_REQUEST_400, detail);
    }

    static Problem of(RejectionCode code, String detail) {
        return new Problem(
                switch (code) {
                    case INVALID -> HttpStatus.BAD_REQUEST_400;
                    case FORBIDDEN -> HttpStatus.FORBIDDEN_403;
                    default -> HttpStatus.CONFLICT_409;
                },
                detail);
    }

    /** What a request failed with; {@code null} if that is no business of the one who asked. */
    static @Nullable Problem of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof Problem problem) {
            return problem;
        }
        if (cause instanceof TransportException transport) {
            String detail = String.valueOf(transport.getMessage());
            return switch (transport.kind()) {
                case FORBIDDEN -> new Problem(HttpStatus.FORBIDDEN_403, detail);
                case REFUSED -> badRequest(detail);
                case OUTCOME_UNKNOWN ->
                    new Problem(
                            HttpStatus.GATEWAY_TIMEOUT_504,
                            "it is not known what became of the request; look before you repeat it: " + detail);
                default -> new Problem(HttpStatus.SERVICE_UNAVAILABLE_503, detail);
            };
        }
        return null;
    }

    Answer answer() {
        JsonObject json = new JsonObject();
        json.addProperty("type", "about:blank");
        json.addProperty("title", HttpStatus.getMessage(status));
        json.addProperty("status", status);
        json.addProperty("detail", getMessage());
        return Answer.problem(status, json.toString());
    }
}
