package dev.holdfast.client.tls;

import java.time.Duration;
import java.time.Instant;

/**
 * Until when a certificate is valid.
 *
 * @param file where it is
 * @param subject whose it is, for people to read
 * @param own whether it is this side's own, or one between it and the root; else it is a root that is trusted
 * @param until the last instant
 */
public record CertificateExpiry(String file, String subject, boolean own, Instant until) {

    /** How long it is valid after that; negative if it is not. */
    public Duration left(Instant now) {
        return Duration.between(now, until);
    }
}
