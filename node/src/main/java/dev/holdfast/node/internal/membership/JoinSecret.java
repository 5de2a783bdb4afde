package dev.holdfast.node.internal.membership;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * What a newcomer has to say in order to become a member. Only its hash is kept anywhere.
 *
 * @param text {@code join-} and 32 hexadecimal digits: 128 random bits
 */
public record JoinSecret(String text) {
    private static final String PREFIX = "join-";
    private static final Pattern TEXT = Pattern.compile(PREFIX + "[0-9a-f]{32}");
    private static final int BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** @throws IllegalArgumentException if it is none */
    public JoinSecret {
        if (!isOne(text)) {
            throw new IllegalArgumentException("that is no join token: one is \"join-\" and 32 hexadecimal digits");
        }
    }

    /** Whether it has the form of one. */
    public static boolean isOne(String text) {
        return TEXT.matcher(text).matches();
    }

    /** One that nobody can guess. */
    static JoinSecret random() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return new JoinSecret(PREFIX + HexFormat.of().formatHex(bytes));
    }

    /** Its SHA-256, in 64 hexadecimal digits. */
    public String hash() {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Not the text: it is not for logs. */
    @Override
    public String toString() {
        return "a join token";
    }
}
