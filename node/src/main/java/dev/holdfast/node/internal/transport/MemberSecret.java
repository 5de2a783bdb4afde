package dev.holdfast.node.internal.transport;

import java.nio.ByteBuffer;
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

    private final SecretKeySpec key;

    private MemberSecret(byte[] secret) {
        this.key = new SecretKeySpec(secret, ALGORITHM);
    }

    /** @throws IllegalArgumentException if it has fewer than {@link #BYTES_MIN} bytes */
    public static MemberSecret of(byte[] secret) {
        if (secret.length < BYTES_MIN) {
            throw new IllegalArgumentException(
                    "a secret of " + secret.length + " bytes; it must have at least " + BYTES_MIN);
        }
        return new MemberSecret(secret);
    }

    /** One that nobody else has. */
    public static MemberSecret random() {
        byte[] secret = new byte[BYTES_MIN];
        new SecureRandom().nextBytes(secret);
        return new MemberSecret(secret);
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

    /** Proves, to another member, that this text is a member's. No handshake has such a proof. */
    public byte[] ticket(byte[] text) {
        return prove(TICKET, text, new byte[0]);
    }

    /** Says nothing of the secret. */
    @Override
    public String toString() {
        return "a secret of members";
    }
}
