package dev.holdfast.node.support;

import dev.holdfast.certs.CertificateAuthority;
import dev.holdfast.certs.Credentials;
import dev.holdfast.certs.Validity;
import dev.holdfast.client.tls.Tls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An authority, and files with what it issued. */
public final class Certificates {
    private final Path folder;
    private final CertificateAuthority authority = CertificateAuthority.create("test", Validity.ofDays(2));

    /** @param folder where the files are to be */
    public Certificates(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            Files.writeString(roots(), authority.credentials().certificatePem());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public CertificateAuthority authority() {
        return authority;
    }

    public Path roots() {
        return folder.resolve("ca.pem");
    }

    /** What a member on loopback has: its files, if they are there already. */
    public Tls member(String id) {
        Path certificate = folder.resolve("member-" + id + ".pem");
        Path key = folder.resolve("member-" + id + ".key");
        return Files.exists(key)
                ? Tls.pem(certificate, key).trust(roots())
                : write("member-" + id, memberCredentials(id, Validity.ofDays(1)));
    }

    public Tls client(String name) {
        return write("client-" + name, authority.client(name, Validity.ofDays(1)));
    }

    /** What trusts this authority and has no certificate. */
    public Tls nobody() {
        return Tls.trusting(roots());
    }

    public Credentials memberCredentials(String id, Validity validity) {
        return authority.member(id, List.of("127.0.0.1"), validity);
    }

    /** Puts these into files of that name, in place of what was there. */
    public Tls write(String name, Credentials credentials) {
        Path certificate = folder.resolve(name + ".pem");
        Path key = folder.resolve(name + ".key");
        try {
            credentials.writePem(certificate, key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Tls.pem(certificate, key).trust(roots());
    }
}
