package dev.holdfast.http.internal.api;

import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SessionId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A session over HTTP: one session of the state machine in each group, and all that a peer has to know to go on with it. The caller has it as a
 * text, so that any peer can serve the next request, and none keeps it.
 *
 * <p>The nonces of its parts are made from 128 random bits that are in no log and no listing. So whoever sees a part's id still cannot
 * write the text, which this door takes in its place.
 *
 * <p>See {@code docs/adr/021-locks-over-http.md}.
 */
final class HttpSession {
    private static final byte FORMAT = 1;
    private static final int SECRET_BYTES = 16;
    private static final int TEXT_MAX = 1024;
    private static final String OWNER_TYPE = "http";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] secret;
    private final long leaseMs;

    /** By group: what the machine made of the nonces. */
    private final List<Long> numbers;

    private HttpSession(byte[] secret, long leaseMs, List<Long> numbers) {
        this.secret = secret;
        this.leaseMs = leaseMs;
        this.numbers = numbers;
    }

    /** One that is to be opened in each group. */
    static HttpSession unopened(long leaseMs, int groups) {
        byte[] secret = new byte[SECRET_BYTES];
        RANDOM.nextBytes(secret);
        return new HttpSession(
                secret,
                leaseMs,
                IntStream.range(0, groups).mapToObj(group -> 0L).toList());
    }

    /** The same, open under these ids. */
    HttpSession opened(List<SessionId> ids) {
        return new HttpSession(secret, leaseMs, ids.stream().map(SessionId::low).toList());
    }

    long leaseMs() {
        return leaseMs;
    }

    int groups() {
        return numbers.size();
    }

    /** Its part in that group. */
    SessionId id(int group) {
        return new SessionId(hashed("session " + group).getLong(), numbers.get(group));
    }

    /** Who holds what it acquires for nobody in particular. */
    Owner owner() {
        return Owner.of(OWNER_TYPE, HexFormat.of().toHexDigits(hashed("owner").getLong()));
    }

    private ByteBuffer hashed(String what) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(secret);
            return ByteBuffer.wrap(digest.digest(what.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** What the caller gets. */
    String text() {
        ByteBuffer bytes = ByteBuffer.allocate(1 + SECRET_BYTES + Long.BYTES * (1 + numbers.size()));
        bytes.put(FORMAT).put(secret).putLong(leaseMs);
        numbers.forEach(bytes::putLong);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /**
     * What {@link #text} made.
     *
     * @param groups how many there are
     */
    static HttpSession parse(String text, int groups) {
        if (text.length() > TEXT_MAX) {
            throw malformed();
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
            boolean known = bytes.get() == FORMAT;
            byte[] secret = new byte[SECRET_BYTES];
            bytes.get(secret);
            long leaseMs = bytes.getLong();
            List<Long> numbers = new ArrayList<>();
            while (bytes.hasRemaining()) {
                numbers.add(bytes.getLong());
            }
            if (known
                    && numbers.size() == groups
                    && numbers.stream().allMatch(number -> number > 0)
                    && leaseMs >= Limits.SESSION_LEASE_MS_MIN
                    && leaseMs <= Limits.SESSION_LEASE_MS_MAX) {
                return new HttpSession(secret, leaseMs, List.copyOf(numbers));
            }
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            // As one that says something else.
        }
        throw malformed();
    }

    private static Problem malformed() {
        return Problem.badRequest("'session' should be what POST /v1/sessions gave");
    }
}
