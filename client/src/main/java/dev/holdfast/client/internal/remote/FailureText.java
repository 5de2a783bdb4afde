package dev.holdfast.client.internal.remote;

import dev.holdfast.client.tls.TlsFailures;
import dev.holdfast.client.wire.ClassPath;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What actually happened, in words for people. gRPC says "io exception" for most of what can happen to a connection, and
 * hides the rest among the causes.
 */
public final class FailureText {

    /** In one line, without the address: the caller knows it. */
    public static String of(Throwable failure) {
        LinkageError conflict = ClassPath.conflict(failure);
        if (conflict != null) {
            return ClassPath.describe(conflict);
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String known = known(cause);
            if (known != null) {
                return known;
            }
        }
        return unknown(failure);
    }

    private static @Nullable String known(Throwable cause) {
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : firstLine(cause.getMessage());
        if (cause instanceof UnknownHostException) {
            return "unknown host";
        }
        if (cause instanceof NoRouteToHostException) {
            return "no route to host";
        }
        if (cause instanceof ConnectException) {
            return message.toLowerCase(Locale.ROOT).contains("connection refused") ? "connection refused" : message;
        }
        if (cause instanceof SSLException) {
            return TlsFailures.describe(cause);
        }
        if (cause instanceof IOException && message.contains("Connection reset")) {
            return "it reset the connection: it has just ended, or TLS is used at one end only";
        }
        if (cause instanceof Http2Exception) {
            return "what answers does not speak HTTP/2, as peers do: " + message;
        }
        return null;
    }

    private static String unknown(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            root = cause;
        }
        if (!(failure instanceof StatusRuntimeException) && !(failure instanceof StatusException)) {
            return name(root);
        }
        Status status = Status.fromThrowable(failure);
        String said = status.getDescription() == null ? status.getCode().name() : firstLine(status.getDescription());
        if (said.startsWith("Network closed for unknown reason")) {
            return "it hung up without a word; is that a port for Holdfast clients, and is TLS used at both ends or at neither?";
        }
        return root == failure ? said : said + " (" + name(root) + ")";
    }

    private static String name(Throwable failure) {
        String type = failure.getClass().getSimpleName();
        return failure.getMessage() == null ? type : type + ": " + firstLine(failure.getMessage());
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "" : message.lines().findFirst().orElse("");
    }

    private FailureText() {}
}
