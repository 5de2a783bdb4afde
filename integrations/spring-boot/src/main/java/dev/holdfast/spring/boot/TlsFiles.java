package dev.holdfast.spring.boot;

import dev.holdfast.client.tls.Tls;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes TLS of the names of its files. */
final class TlsFiles {

    /**
     * What the properties name; {@code null} if there are none.
     *
     * @param prefix of their names, for messages
     */
    static @Nullable Tls of(String prefix, @Nullable TlsProperties files) {
        if (files == null) {
            return null;
        }
        Tls tls = own(prefix, files);
        String trust = files.trust();
        if (trust != null && (files.certificate() != null || files.store() != null)) {
            tls = tls.trust(Setting.path(prefix + ".trust", trust));
        }
        List<String> protocols = files.protocols();
        return protocols == null
                ? tls
                : Setting.apply(
                        tls,
                        prefix + ".protocols",
                        protocols,
                        (target, versions) -> target.protocols(versions.toArray(String[]::new)));
    }

    private static Tls own(String prefix, TlsProperties files) {
        String certificate = files.certificate();
        String key = files.key();
        String store = files.store();
        String passwordFile = files.storePasswordFile();
        String trust = files.trust();
        if ((certificate == null) != (key == null)) {
            throw Setting.missing(
                    prefix + " has a certificate or a key, but not both",
                    "Set " + prefix + ".certificate and " + prefix + ".key.");
        }
        if ((store == null) != (passwordFile == null)) {
            throw Setting.missing(
                    prefix + " has a store or the file with its password, but not both",
                    "Set " + prefix + ".store and " + prefix + ".store-password-file.");
        }
        if (certificate != null && store != null) {
            throw Setting.missing(
                    prefix + " has both a certificate and a store",
                    "Set either " + prefix + ".certificate and .key, or " + prefix + ".store.");
        }
        if (certificate != null && key != null) {
            if (trust == null) {
                throw Setting.missing(
                        prefix + " has a certificate, but nothing that says whom to trust",
                        "Set " + prefix + ".trust to the file with the roots of the others.");
            }
            return Tls.pem(Setting.path(prefix + ".certificate", certificate), Setting.path(prefix + ".key", key));
        }
        if (store != null && passwordFile != null) {
            return Tls.pkcs12(
                    Setting.path(prefix + ".store", store),
                    Setting.path(prefix + ".store-password-file", passwordFile));
        }
        if (trust == null) {
            throw Setting.missing(
                    prefix + " names no files",
                    "Set " + prefix + ".trust to the file with the roots of the peers, and a certificate if they ask"
                            + " for one; or remove " + prefix + ".");
        }
        return Tls.trusting(Setting.path(prefix + ".trust", trust));
    }

    private TlsFiles() {}
}
