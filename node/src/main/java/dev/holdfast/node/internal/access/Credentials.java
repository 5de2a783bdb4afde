package dev.holdfast.node.internal.access;

import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * What a client shows of itself with a call.
 *
 * @param session of the connection, if that is by TLS
 * @param authorization the value of the header; {@code null} if there is none
 * @param address where it comes from, for people to read; empty if that is not known
 */
public record Credentials(
        @Nullable SSLSession session, @Nullable String authorization, String address) {
    /** None, from nowhere. */
    public static final Credentials NONE = new Credentials(null, null, "");

    /** Says nothing of the token. */
    @Override
    public String toString() {
        return "credentials from " + address;
    }
}
