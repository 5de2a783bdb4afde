package dev.holdfast.node;

import dev.holdfast.node.internal.snapshot.Fsync;
import dev.holdfast.node.internal.transport.MemberSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secret of a cluster's members, in a file: one line of text, of 32 characters at least. Whoever can read it can pose as a
 * member.
 */
public final class SecretFile {
    private static final Logger LOG = LoggerFactory.getLogger(SecretFile.class);
    private static final int RANDOM_BYTES = 32;
    private static final int BYTES_MAX = 4096;
    private static final String NEEDED = "the members on this machine need a secret that only this user knows, and ";
    private static final String REMEDY =
            "Make one elsewhere with 'holdfast secret FILE', and name the file, the same for all"
                    + " members, in the configuration (secret-file) or on the builder (secretFile())";
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    /**
     * Creates a file with a random secret, which only its owner can read.
     *
     * @throws FileAlreadyExistsException if there is a file: it is not touched, for the members may be using it
     * @throws IOException if it cannot be written
     */
    public static void create(Path file) throws IOException {
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        String line = Base64.getEncoder().encodeToString(random) + "\n";
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        Path temporary = Files.createTempFile(folder, ".secret", null, ownerOnly("rw-------"));
        try {
            Files.writeString(temporary, line);
            Fsync.file(temporary);
            // Whoever finds the file finds all of it, also after a loss of power; and it is not put in the place of
            // another.
            Files.createLink(file, temporary);
        } catch (UnsupportedOperationException e) {
            Files.writeString(Files.createFile(file, ownerOnly("rw-------")), line);
            Fsync.file(file);
        } finally {
            Files.delete(temporary);
        }
        Fsync.folder(folder);
    }

    /** @throws IOException if it cannot be read, or is too short to be a secret */
    static MemberSecret read(Path file) throws IOException {
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException("the secret in " + file + " has more than " + BYTES_MAX + " bytes");
        }
        if (isReadByOthers(file)) {
            LOG.warn("Other users of this machine can read the secret of the members in {}: chmod 600 {}", file, file);
        }
        byte[] secret = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
        try {
            return MemberSecret.of(secret);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " has " + e.getMessage() + ". 'holdfast secret FILE' makes a good one", e);
        }
    }

    /**
     * The secret of this user's members on this machine: {@code ~/.holdfast/members.secret}, created if absent. It serves those
     * that are on loopback only and were given no other.
     *
     * @throws IOException if it can neither be read nor created, or others could read it
     */
    static MemberSecret ofThisUser() throws IOException {
        return ofThisUser(System.getProperty("user.home"));
    }

    /** @param home as Java has it: a user whom the system does not know has none, or "?" */
    static MemberSecret ofThisUser(@Nullable String home) throws IOException {
        if (home == null || !Path.of(home).isAbsolute()) {
            throw new IOException(
                    NEEDED + "this user has no home folder to keep it in (user.home is " + home + "). " + REMEDY);
        }
        Path folder = Path.of(home, ".holdfast");
        Path file = folder.resolve("members.secret");
        try {
            if (!Files.exists(file)) {
                if (!Files.isDirectory(folder)) {
                    Files.createDirectories(folder, ownerOnly("rwx------"));
                }
                try {
                    create(file);
                } catch (FileAlreadyExistsException e) {
                    LOG.debug("another peer was first", e);
                }
            }
            if (isReadByOthers(file)) {
                throw new IOException("other users of this machine can read it: chmod 600 " + file);
            }
            return read(file);
        } catch (IOException e) {
            throw new IOException(NEEDED + file + " cannot be used: " + e + ". " + REMEDY, e);
        }
    }

    private static boolean isReadByOthers(Path file) throws IOException {
        return POSIX
                && Files.getPosixFilePermissions(file).stream()
                        .anyMatch(Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ)::contains);
    }

    private static FileAttribute<?>[] ownerOnly(String permissions) {
        return POSIX
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private SecretFile() {}
}
