package dev.holdfast.client.tls;

import com.google.errorprone.annotations.CheckReturnValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files for one side of TLS: its own certificate and key, if it has one, and the roots that it trusts. Immutable; nothing is read
 * before it is used.
 *
 * <p>The files are followed: a new connection is made with what is in them then, at most about a second late, and connections that are
 * open go on. Whoever replaces a file renames a complete one over it. Files that are broken, or do not fit together, are logged and
 * not used: what was read before stays in force.
 *
 * <p>The system's own roots are never trusted, since many can issue certificates under these. Neither revocation lists nor OCSP are asked:
 * use certificates that do not live long, or take their root away.
 */
@CheckReturnValue
public final class Tls {
    /** What is spoken unless {@link #protocols} says otherwise. */
    private static final List<String> PROTOCOLS = List.of("TLSv1.3");

    /**
     * Where things are.
     *
     * @param certificates in PEM: the own one, and after it those between it and the root
     * @param key in PEM, not encrypted
     * @param store PKCS#12, instead of these two
     * @param passwordFile of the store
     * @param roots in PEM
     */
    record Files(
            @Nullable Path certificates,
            @Nullable Path key,
            @Nullable Path store,
            @Nullable Path passwordFile,
            @Nullable Path roots) {
        List<Path> all() {
            return Stream.of(certificates, key, store, passwordFile, roots)
                    .filter(Objects::nonNull)
                    .toList();
        }
    }

    private final Files files;
    private final List<String> protocols;

    private Tls(Files files, List<String> protocols) {
        this.files = files;
        this.protocols = protocols;
    }

    /**
     * A certificate and its key, in PEM. {@link #trust} is needed as well.
     *
     * @param certificateChain the own certificate, followed by those between it and the root, if there are any
     * @param key not encrypted: PKCS#8, or what OpenSSL writes for RSA and EC keys. Nobody else should be able to read it
     */
    public static Tls pem(Path certificateChain, Path key) {
        return new Tls(new Files(certificateChain, key, null, null, null), PROTOCOLS);
    }

    /**
     * A PKCS#12 store with one certificate and its key. The certificates without a key in it are the roots to trust, unless
     * {@link #trust} names others.
     *
     * @param passwordFile its first line is the password of the store and of the key in it
     */
    public static Tls pkcs12(Path store, Path passwordFile) {
        return new Tls(new Files(null, null, store, passwordFile, null), PROTOCOLS);
    }

    /**
     * No certificate of its own: enough for a client of peers that ask for none.
     *
     * @param roots in PEM, one or more
     */
    public static Tls trusting(Path roots) {
        return new Tls(new Files(null, null, null, null, roots), PROTOCOLS);
    }

    /**
     * Trusts what these have signed.
     *
     * @param roots in PEM, one or more: while one root takes the place of another, both
     */
    public Tls trust(Path roots) {
        return new Tls(new Files(files.certificates, files.key, files.store, files.passwordFile, roots), protocols);
    }

    /**
     * Speaks these versions of TLS, instead of {@code TLSv1.3} alone.
     *
     * @param versions by the names that Java has for them
     * @throws IllegalArgumentException if there is none, or one is not {@code TLSv1.3} or {@code TLSv1.2}: older ones are broken
     */
    public Tls protocols(String... versions) {
        if (versions.length == 0) {
            throw new IllegalArgumentException("no version of TLS is left");
        }
        for (String each : versions) {
            if (!each.equals("TLSv1.3") && !each.equals("TLSv1.2")) {
                throw new IllegalArgumentException(
                        "\"" + each + "\" is no version of TLS that is spoken here; there are TLSv1.3 and TLSv1.2");
            }
        }
        return new Tls(files, List.of(versions));
    }

    Files files() {
        return files;
    }

    List<String> protocols() {
        return protocols;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Tls tls && files.equals(tls.files) && protocols.equals(tls.protocols);
    }

    @Override
    public int hashCode() {
        return Objects.hash(files, protocols);
    }

    /** The names of the files; nothing of what is in them. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (files.certificates != null) {
            parts.add("certificate " + files.certificates + ", key " + files.key);
        }
        if (files.store != null) {
            parts.add("store " + files.store);
        }
        if (files.roots != null) {
            parts.add("roots " + files.roots);
        }
        return String.join("/", protocols) + " (" + String.join(", ", parts) + ")";
    }
}
