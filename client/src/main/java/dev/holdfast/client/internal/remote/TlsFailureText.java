package dev.holdfast.client.internal.remote;

import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertificateException;
import java.util.Locale;

/** What a failure of TLS means to a person. What the other end has against this one comes as an alert (RFC 8446, section 6). */
final class TlsFailureText {
    private static final String ALERT = "received fatal alert: ";

    /** @param message the failure's, in one line */
    static String of(Throwable failure, String message) {
        if (failure instanceof NotSslRecordException) {
            return "what answers does not speak TLS; is that a port for Holdfast clients, and is it one with TLS?";
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException && cause.getMessage() != null) {
                // Our own words, which name the host and the file.
                return cause.getMessage().lines().findFirst().orElse("");
            }
        }
        String lower = message.toLowerCase(Locale.ROOT);
        int alert = lower.indexOf(ALERT);
        return alert < 0 ? "TLS failed: " + message : ofAlert(lower.substring(alert + ALERT.length()));
    }

    private static String ofAlert(String alert) {
        String what = switch (alert) {
            case "certificate_required" -> "it demands a certificate of its clients, and this one has none";
            case "certificate_expired" -> "the certificate of this client has expired, it says";
            case "bad_certificate",
                    "certificate_unknown",
                    "certificate_revoked",
                    "unsupported_certificate",
                    "unknown_ca",
                    "access_denied" -> "it does not accept the certificate of this client";
            case "no_application_protocol" -> "it is no port for Holdfast clients";
            case "protocol_version" -> "it speaks no version of TLS that this client speaks";
            case "handshake_failure", "insufficient_security" ->
                "it and this client agree on no way to speak TLS, or it demands a certificate";
            default -> "it ended TLS";
        };
        return what + " (alert " + alert + ")";
    }

    private TlsFailureText() {}
}
