package dev.holdfast.http.internal.api;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.http.internal.Answer;
import dev.holdfast.protocol.RejectionCode;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * Why a request was not done. It is answered as problem details (RFC 9457), whose {@code detail} is for people and whose {@code code}, where
 * there is one, is for programs.
 */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** An election takes about as long. */
    static final int RETRY_AFTER_S = 1;

    private final int status;
    private final transient JsonObject more = new JsonObject();
    private int retryAfterS;

    Problem(int status, String detail) {
        super(detail);
        this.status = status;
    }

    /** @param code by which programs tell it from others of that status */
    Problem(int status, String code, String detail) {
        this(status, detail);
        more.addProperty("code", code);
    }

    static Problem badRequest(String detail) {
        return new Problem(HttpStatus.BAD_REQUEST_400, detail);
    }

    static Problem of(RejectionCode code, String detail) {
        return new Problem(
                switch (code) {
                    case INVALID, TOO_LONG -> HttpStatus.BAD_REQUEST_400;
                    case FORBIDDEN -> HttpStatus.FORBIDDEN_403;
                    case SESSION_UNKNOWN -> HttpStatus.GONE_410;
                    default -> HttpStatus.CONFLICT_409;
                },
                code == RejectionCode.SESSION_UNKNOWN ? "session-over" : Views.word(code),
                detail);
    }

    /** The session is not open, or not this caller's: nobody is told which. */
    static Problem sessionOver() {
        return of(
                RejectionCode.SESSION_UNKNOWN,
                "this session is not open, or not any more: what only it held is free, so stop what needs it and open another");
    }

    /** Whether a request failed since its session is not open. */
    static boolean isSessionOver(Throwable failure) {
        Problem problem = of(failure);
        return problem != null && problem.status == HttpStatus.GONE_410;
    }

    /** Tells one more thing, for programs. */
    Problem with(String name, @Nullable JsonElement value) {
        more.add(name, value);
        return this;
    }

    Problem with(String name, Number value) {
        more.addProperty(name, value);
        return this;
    }

    /** The same request may succeed after so many seconds. */
    Problem retryAfter(int seconds) {
        this.retryAfterS = seconds;
        return this;
    }

    /** A failure, without what a stage puts around it. */
    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** What a request failed with; {@code null} if that is no business of the one who asked. */
    static @Nullable Problem of(Throwable failure) {
        Throwable cause = cause(failure);
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
                default -> new Problem(HttpStatus.SERVICE_UNAVAILABLE_503, detail).retryAfter(RETRY_AFTER_S);
            };
        }
        return null;
    }

    /** The same for a request that takes effect once, however often it is repeated. */
    static RuntimeException ofRepeatable(Throwable failure) {
        TransportException cause = TransportException.of(failure);
        return cause.maybeApplied()
                ? new Problem(
                                HttpStatus.GATEWAY_TIMEOUT_504,
                                "unknown",
                                "it is not known what became of the request: repeat it with the same session and sequence, here or"
                                        + " at another peer, and it takes effect once: " + cause.getMessage())
                        .retryAfter(RETRY_AFTER_S)
                : cause;
    }

    Answer answer() {
        JsonObject json = new JsonObject();
        json.addProperty("type", "about:blank");
        json.addProperty("title", HttpStatus.getMessage(status));
        json.addProperty("status", status);
        json.addProperty("detail", getMessage());
        more.entrySet().forEach(each -> json.add(each.getKey(), each.getValue()));
        return Answer.problem(status, json.toString(), retryAfterS);
    }
}
