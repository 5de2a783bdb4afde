package dev.holdfast.node.access;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A file with the tokens of clients, each in a line of its own, and none of them in it: only their hashes, from which nobody can
 * tell the tokens.
 *
 * <pre>
 * # name[,@group...] sha256:HEX [expires INSTANT]
 * orders,@services sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
 * alice,@ops sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752 expires 2027-01-01T00:00:00Z
 * </pre>
 *
 * <p>A name may have several tokens, so that one can be replaced without a gap. Peers read the file again when it changes. A token
 * has at least 128 random bits: the hash of one that can be guessed can be reversed. {@link #add} makes a good one, as does
 * {@code openssl rand -base64 32}; its hash is that of {@code printf %s TOKEN | sha256sum}.
 */
public final class TokenFile {
    /** The fewest characters of a token: what 128 bits take in Base64. A shorter one is never accepted. */
    public static final int CHARACTERS_MIN = 22;

    /** What a hash begins with. */
    public static final String HASH_PREFIX = "sha256:";

    private static final int RANDOM_BYTES = 32;

    /** So that people, and scanners for secrets that lie about, see what it is. */
    private static final String TOKEN_PREFIX = "holdfast_";

    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    /**
     * Makes a token, and adds its hash to the file, which is created if absent, for its owner's eyes only.
     *
     * @param name the principal that it is to stand for
     * @param groups the groups that the principal is in, without their {@code @}
     * @param expires from when on it is no longer accepted; {@code null} for never
     * @return the token. It is nowhere else: who loses it needs a new one
     * @throws IllegalArgumentException if a name cannot be a principal's or a group's
     * @throws IOException if the file cannot be written
     */
    public static String add(Path file, String name, Collection<String> groups, @Nullable Instant expires)
            throws IOException {
        StringBuilder line = new StringBuilder(checked(name, PrincipalNames.problem(name)));
        for (String group : groups) {
            line.append(",@").append(checked(group, PrincipalNames.problemOfGroup(group)));
        }
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        String token = TOKEN_PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        line.append(' ').append(HASH_PREFIX).append(HexFormat.of().formatHex(hash(token)));
        if (expires != null) {
            line.append(" expires ").append(expires);
        }
        append(file, line.append('\n').toString());
        return token;
    }

    /** The SHA-256 of that token. */
    public static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** In one write, so that a peer that reads the file at this moment finds whole lines. */
    private static void append(Path file, String line) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file,
                EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                ownerOnly())) {
            long end = channel.size();
            ByteBuffer last = ByteBuffer.allocate(1);
            boolean isWhole = end == 0 || (channel.read(last, end - 1) == 1 && last.get(0) == '\n');
            ByteBuffer bytes = ByteBuffer.wrap((isWhole ? line : "\n" + line).getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes, end + bytes.position());
            }
            channel.force(true);
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        return POSIX
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private static String checked(String name, @Nullable String problem) {
        if (problem != null) {
            throw new IllegalArgumentException("the name '" + name + "' " + problem);
        }
        return name;
    }

    private TokenFile() {}
}
