package dev.holdfast.client.tls;

import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertificateException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a failure of TLS means to a person. What the other end has against this one comes as an alert (RFC 8446, section 6). */
public final class TlsFailures {
    private static final String ALERT = "received fatal alert: ";

    /** What kind of failure it is. */
    public enum Kind {
        /** A certificate is missing, or one side does not accept that of the other. */
        CERTIFICATE,
        /** One side speaks no TLS, or none that the other speaks. */
        PROTOCOL,
        /** The connection ended first. */
        ENDED
    }

    /**
     * What kind of failure that is.
     *
     * @return {@code null} if it is none of TLS
     */
    public static @Nullable Kind kind(Throwable failure) {
        SSLException found = find(failure);
        if (found == null) {
            return null;
        }
        if (words(found) != null) {
            return Kind.CERTIFICATE;
        }
        String message = message(found).toLowerCase(Locale.ROOT);
        if (message.startsWith("connection closed") || message.contains("closed already")) {
            return Kind.ENDED;
        }
        // Java says so of a client that has none, and of alerts by which the other end says so.
        return message.contains("certificate") || message.endsWith("unknown_ca") || message.endsWith("access_denied")
                ? Kind.CERTIFICATE
                : Kind.PROTOCOL;
    }

    /** In one line. */
    public static String describe(Throwable failure) {
        SSLException found = find(failure);
        if (found == null) {
            return String.valueOf(failure.getMessage());
        }
        if (found instanceof NotSslRecordException) {
            return "what answers does not speak TLS; is that a port for Holdfast clients, and is it one with TLS?";
        }
        String ours = words(found);
        if (ours != null) {
            return ours;
        }
        String message = message(found);
        String lower = message.toLowerCase(Locale.ROOT);
        int alert = lower.indexOf(ALERT);
        return alert < 0 ? "TLS failed: " + message : ofAlert(lower.substring(alert + ALERT.length()));
    }

    private static @Nullable SSLException find(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException found) {
                return found;
            }
        }
        return null;
    }

    /** Our own, which name the certificate and the file. */
    private static @Nullable String words(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException && cause.getMessage() != null) {
                return firstLine(cause.getMessage());
            }
        }
        return null;
    }

    private static String message(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : firstLine(failure.getMessage());
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private static String ofAlert(String alert) {
        String what = switch (alert) {
            case "certificate_required" -> "it demands a certificate, and was shown none";
            case "bad_certificate",
                    "certificate_expired",
                    "certificate_unknown",
                    "certificate_revoked",
                    "unsupported_certificate",
                    "unknown_ca",
                    "access_denied" -> "it does not accept the certificate that it was shown";
            case "no_application_protocol" -> "that port is for something else";
            case "protocol_version" -> "the two speak no version of TLS in common";
            case "handshake_failure", "insufficient_security" -> "the two agree on no way to speak TLS";
            default -> "it ended TLS";
        };
        return what + " (alert " + alert + ")";
    }

    private TlsFailures() {}
}
