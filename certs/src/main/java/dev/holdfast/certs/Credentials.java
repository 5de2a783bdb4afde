package dev.holdfast.certs;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A certificate and its key. */
public final class Credentials {
    private static final int PEM_LINE = 64;
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----\\s*([A-Za-z0-9+/=\\s]+?)\\s*-----END PRIVATE KEY-----");
    private static final String ALIAS = "holdfast";

    private final X509Certificate certificate;
    private final PrivateKey key;

    Credentials(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public PrivateKey key() {
        return key;
    }

    /** The certificate in PEM. */
    public String certificatePem() {
        return pem(certificate);
    }

    /** Several certificates in PEM: a file of roots, for instance while one takes the place of another. */
    public static String pem(X509Certificate... certificates) {
        try {
            StringBuilder text = new StringBuilder();
            for (X509Certificate each : certificates) {
                text.append(pem("CERTIFICATE", each.getEncoded()));
            }
            return text.toString();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate cannot be encoded", e);
        }
    }

    /**
     * Writes both in PEM, the key as PKCS#8. Each file appears, or takes the place of an older one, whole; the key's first. Only
     * the owner of the key's file may read it, where the file system knows permissions.
     *
     * @throws IOException if a file cannot be written; one of them may have been
     */
    public void writePem(Path certificateFile, Path keyFile) throws IOException {
        WholeFile.secret(keyFile, pem("PRIVATE KEY", key.getEncoded()).getBytes(StandardCharsets.US_ASCII));
        WholeFile.open(certificateFile, certificatePem().getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Writes both, and the roots to trust, into one PKCS#12 store, which appears whole. Only its owner may read it, where the file system
     * knows permissions.
     *
     * @throws IOException if it cannot be written
     */
    public void writePkcs12(Path store, char[] password, X509Certificate... roots) throws IOException {
        try {
            KeyStore made = KeyStore.getInstance("PKCS12");
            made.load(null, password);
            made.setKeyEntry(ALIAS, key, password, new Certificate[] {certificate});
            for (int i = 0; i < roots.length; i++) {
                made.setCertificateEntry("root-" + (i + 1), roots[i]);
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            made.store(bytes, password);
            WholeFile.secret(store, bytes.toByteArray());
        } catch (GeneralSecurityException e) {
            throw new IOException(store + " cannot be made: " + e.getMessage(), e);
        }
    }

    /**
     * What was {@linkplain #writePem written} before.
     *
     * @throws IOException if a file cannot be read or is something else, or the two do not fit together
     */
    public static Credentials readPem(Path certificateFile, Path keyFile) throws IOException {
        X509Certificate certificate = readCertificate(certificateFile);
        PrivateKey key = readKey(keyFile, certificate.getPublicKey().getAlgorithm());
        if (!fit(certificate, key)) {
            throw new IOException("the key " + keyFile + " is not that of the certificate " + certificateFile);
        }
        return new Credentials(certificate, key);
    }

    private static X509Certificate readCertificate(Path file) throws IOException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " is no certificate in PEM", e);
        }
    }

    private static PrivateKey readKey(Path file, String algorithm) throws IOException {
        Matcher found = PKCS8.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (!found.find()) {
            throw new IOException(file + " is no unencrypted key in PEM (PKCS#8)");
        }
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(found.group(1));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Without the cause: it might quote the key.
            throw new IOException(file + " is no " + algorithm + " key in PEM (PKCS#8)");
        }
    }

    private static boolean fit(X509Certificate certificate, PrivateKey key) throws IOException {
        String algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        byte[] text = "whose key is it?".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            throw new IOException("keys of the kind " + key.getAlgorithm() + " are not supported", e);
        }
    }

    private static String pem(String what, byte[] bytes) {
        Base64.Encoder lines = Base64.getMimeEncoder(PEM_LINE, new byte[] {'\n'});
        return "-----BEGIN " + what + "-----\n" + lines.encodeToString(bytes) + "\n-----END " + what + "-----\n";
    }

    /** Says nothing of the key. */
    @Override
    public String toString() {
        return "certificate and key of " + certificate.getSubjectX500Principal();
    }
}
