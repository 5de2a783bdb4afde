package dev.holdfast.client.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the files of a {@link Tls} and checks that they can be used. Each failure names the file and what is wrong with it. */
final class TlsReader {
    private static final Logger LOG = LoggerFactory.getLogger(TlsReader.class);

    private record Store(Loaded.Identity identity, List<X509Certificate> roots) {}

    /** @throws IOException if a file cannot be read, is something else, or has expired, or files do not fit together */
    static Loaded read(Tls tls) throws IOException {
        Tls.Files files = tls.files();
        Loaded.Identity identity = null;
        List<X509Certificate> roots = List.of();
        Path rootsFile = files.roots();
        if (files.certificates() != null && files.key() != null) {
            identity = readPem(files.certificates(), files.key());
        } else if (files.store() != null && files.passwordFile() != null) {
            Store store = readStore(files.store(), files.passwordFile());
            identity = store.identity();
            roots = store.roots();
            rootsFile = rootsFile == null ? files.store() : rootsFile;
        }
        if (files.roots() != null) {
            roots = Pem.certificates(files.roots());
        }
        if (rootsFile == null) {
            throw new IOException("TLS needs the roots to trust, beside " + files.certificates()
                    + ": those that the others' certificates are signed by");
        }
        if (roots.isEmpty()) {
            throw new IOException(rootsFile + " has no roots to trust: certificates without a key, and with Java's mark"
                    + " of trust. Name a file of roots in PEM instead");
        }
        if (identity != null) {
            check(identity);
        }
        return new Loaded(identity, List.copyOf(roots), rootsFile, trust(roots, rootsFile));
    }

    private static Loaded.Identity readPem(Path certificates, Path key) throws IOException {
        List<X509Certificate> chain = Pem.certificates(certificates);
        warnIfReadByOthers(key);
        PrivateKey read = Pem.key(key, chain.get(0).getPublicKey());
        if (!fit(chain.get(0), read)) {
            throw new IOException("the key in " + key + " is not that of the certificate in " + certificates);
        }
        return new Loaded.Identity(read, List.copyOf(chain), certificates);
    }

    private static Store readStore(Path file, Path passwordFile) throws IOException {
        char[] password = password(passwordFile);
        byte[] bytes = Pem.bytes(file);
        warnIfReadByOthers(file);
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(bytes), password);
            List<X509Certificate> roots = new ArrayList<>();
            List<String> keys = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)) {
                    keys.add(alias);
                } else {
                    roots.add((X509Certificate) store.getCertificate(alias));
                }
            }
            if (keys.size() != 1) {
                throw new IOException(file + " has " + keys.size() + " keys; it must have one");
            }
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate each : store.getCertificateChain(keys.get(0))) {
                chain.add((X509Certificate) each);
            }
            // Java adds the root, which the others have.
            chain.subList(1, chain.size()).removeAll(roots);
            PrivateKey key = (PrivateKey) store.getKey(keys.get(0), password);
            return new Store(new Loaded.Identity(key, List.copyOf(chain), file), roots);
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " cannot be read as a PKCS#12 store: " + e.getMessage(), e);
        } catch (IOException e) {
            if (e.getMessage() != null && e.getMessage().startsWith(file.toString())) {
                throw e;
            }
            throw new IOException(file + " is no PKCS#12 store, or " + passwordFile + " does not have its password", e);
        } finally {
            Arrays.fill(password, ' ');
        }
    }

    private static char[] password(Path file) throws IOException {
        warnIfReadByOthers(file);
        String text = new String(Pem.bytes(file), StandardCharsets.UTF_8);
        return text.lines().findFirst().orElse("").toCharArray();
    }

    private static void check(Loaded.Identity identity) throws IOException {
        Instant now = Instant.now();
        for (X509Certificate each : identity.chain()) {
            String who = "the certificate of " + each.getSubjectX500Principal() + " in " + identity.file();
            Instant until = each.getNotAfter().toInstant();
            if (now.isAfter(until)) {
                throw new IOException(who + " expired at " + until + ": put a new one into its place");
            }
            Instant from = each.getNotBefore().toInstant();
            if (now.isBefore(from)) {
                throw new IOException(who + " is not valid before " + from + "; is the clock of this host right?");
            }
        }
    }

    private static boolean fit(X509Certificate certificate, PrivateKey key) throws IOException {
        byte[] text = "whose key is it?".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signature = Signature.getInstance(
                    switch (key.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> key.getAlgorithm();
                    });
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            throw new IOException("keys of the kind " + key.getAlgorithm() + " cannot be used for TLS", e);
        }
    }

    private static X509ExtendedTrustManager trust(List<X509Certificate> roots, Path file) throws IOException {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            for (int i = 0; i < roots.size(); i++) {
                anchors.setCertificateEntry("root-" + i, roots.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(anchors);
            for (TrustManager each : factory.getTrustManagers()) {
                if (each instanceof X509ExtendedTrustManager found) {
                    return found;
                }
            }
            throw new IOException("this Java runtime cannot check certificates");
        } catch (GeneralSecurityException e) {
            throw new IOException("the roots in " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static void warnIfReadByOthers(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.contains(PosixFilePermission.OTHERS_READ)) {
                LOG.warn("Other users of this machine can read {}, which is secret: chmod 600 {}", file, file);
            }
        } catch (IOException | UnsupportedOperationException e) {
            // There is no such file, as will turn out, or this file system has no permissions.
            LOG.debug("the permissions of {} are not known", file, e);
        }
    }

    private TlsReader() {}
}
