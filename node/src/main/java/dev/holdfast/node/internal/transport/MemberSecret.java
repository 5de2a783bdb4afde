package dev.holdfast.node.internal.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What all members of a cluster know, and nobody else. It never travels: members prove that they know it. */
public final class MemberSecret {
    /** Of a secret that is random. One of words should be longer. */
    public static final int BYTES_MIN = 32;

    static final int PROOF_BYTES = 32;
    private static final String ALGORITHM = "HmacSHA256";

    /** Unlike any purpose of the handshake. */
    private static final byte TICKET = 64;

    /** Known to everyone who reads this. */
    private static final byte[] NONE =
            "no secret: certificates say who is a member".getBytes(StandardCharsets.US_ASCII);

    private final SecretKeySpec key;
    private final boolean isSecret;

    private MemberSecret(byte[] secret, boolean isSecret) {
        this.key = new SecretKeySpec(secret, ALGORITHM);
        this.isSecret = isSecret;
    }

    /**
     * In place of one where certificates prove who is a member. It makes the same handshake possible, and proves nothing: everyone knows
     * it.
     */
    public static MemberSecret none() {
        return new MemberSecret(NONE, false);
    }

    /** Whether it is one: not {@link #none}. */
    public boolean isSecret() {
        return isSecret;
    }

    /** @throws IllegalArgumentException if it has fewer than {@link #BYTES_MIN} bytes */
    public static MemberSecret of(byte[] secret) {
        if (secret.length < BYTES_MIN) {
            throw new IllegalArgumentException(
                    "a secret of " + secret.length + " bytes; it must have at least " + BYTES_MIN);
        }
        return new MemberSecret(secret, true);
    }

    /** One that nobody else has. */
    public static MemberSecret random() {
        byte[] secret = new byte[BYTES_MIN];
        new SecureRandom().nextBytes(secret);
        return new MemberSecret(secret, true);
    }

    /**
     * An HMAC (RFC 2104) over all of these, each with its length before it.
     *
     * @param purpose what it proves, so that a proof of one thing is none of another
     */
    byte[] prove(byte purpose, byte[] hello, byte[] challenge) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(purpose);
            for (byte[] part : new byte[][] {hello, challenge}) {
                mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, part.length));
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has " + ALGORITHM, e);
        }
    }

    /**
     * Proves, to another member, that this text is a member's. No handshake has such a proof.
     *
     * @throws IllegalStateException if it is {@linkplain #none none}: everyone could make the proof
     */
    public byte[] ticket(byte[] text) {
        if (!isSecret) {
            throw new IllegalStateException("without a secret there are no tickets");
        }
        return prove(TICKET, text, new byte[0]);
    }

    /** Says nothing of the secret. */
    @Override
    public String toString() {
        return "a secret of members";
    }
}
