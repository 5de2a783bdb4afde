package dev.holdfast.server.credentials;

import dev.holdfast.certs.CertificateAuthority;
import dev.holdfast.certs.Credentials;
import dev.holdfast.certs.Validity;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;

/**
 * A folder with a small certificate authority and what it has issued, in PEM: {@code ca.pem} and {@code ca.key},
 * {@code member-ID.pem} and {@code member-ID.key}, {@code client-NAME.pem} and {@code client-NAME.key}. Only their owner can read
 * the keys, where the file system knows permissions. What is there is not replaced unless that is asked for.
 */
public final class CertificateFolder {
    /**
     * A certificate and its key, in files.
     *
     * @param certificate the file with the certificate
     * @param key the file with its key
     * @param credentials what is in them
     */
    public record Issued(Path certificate, Path key, Credentials credentials) {}

    private final Path folder;
    private final CertificateAuthority authority;

    private CertificateFolder(Path folder, CertificateAuthority authority) {
        this.folder = folder;
        this.authority = authority;
    }

    /**
     * One with a new authority. The folder is created if absent.
     *
     * @param name what people read in the authority's certificate
     * @throws FileAlreadyExistsException if there is one
     * @throws IOException if it cannot be written
     */
    public static CertificateFolder create(Path folder, String name, Validity validity) throws IOException {
        CertificateFolder made = new CertificateFolder(folder, CertificateAuthority.create(name, validity));
        made.write(made.rootFile(), made.rootKeyFile(), made.authority.credentials(), false);
        return made;
    }

    /**
     * One that was created before.
     *
     * @throws NoSuchFileException if there is none
     * @throws IOException if it cannot be read
     */
    public static CertificateFolder open(Path folder) throws IOException {
        return new CertificateFolder(
                folder, CertificateAuthority.read(folder.resolve("ca.pem"), folder.resolve("ca.key")));
    }

    /** Whether there is one. */
    public static boolean exists(Path folder) {
        return Files.exists(folder.resolve("ca.pem")) || Files.exists(folder.resolve("ca.key"));
    }

    /** The certificate that members and clients trust. */
    public Path rootFile() {
        return folder.resolve("ca.pem");
    }

    Path rootKeyFile() {
        return folder.resolve("ca.key");
    }

    CertificateAuthority authority() {
        return authority;
    }

    /**
     * Issues a member's.
     *
     * @param hosts names and addresses at which others reach it
     * @param replace whether those that are there give way
     * @throws IllegalArgumentException if the id or a host is malformed, or there is no host
     * @throws FileAlreadyExistsException if there are such files, and they are not to be replaced
     * @throws IOException if they cannot be written
     */
    public Issued member(String id, Collection<String> hosts, Validity validity, boolean replace) throws IOException {
        return write("member-" + id, authority.member(id, hosts, validity), replace);
    }

    /**
     * Issues a client's.
     *
     * @param replace whether those that are there give way
     * @throws IllegalArgumentException if the name is malformed
     * @throws FileAlreadyExistsException if there are such files, and they are not to be replaced
     * @throws IOException if they cannot be written
     */
    public Issued client(String name, Validity validity, boolean replace) throws IOException {
        return write("client-" + name, authority.client(name, validity), replace);
    }

    private Issued write(String name, Credentials credentials, boolean replace) throws IOException {
        return write(folder.resolve(name + ".pem"), folder.resolve(name + ".key"), credentials, replace);
    }

    private Issued write(Path certificate, Path key, Credentials credentials, boolean replace) throws IOException {
        for (Path file : new Path[] {certificate, key}) {
            if (!replace && Files.exists(file)) {
                throw new FileAlreadyExistsException(file.toString());
            }
        }
        credentials.writePem(certificate, key);
        return new Issued(certificate, key, credentials);
    }
}
