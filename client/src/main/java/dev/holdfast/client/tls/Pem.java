package dev.holdfast.client.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads PEM (RFC 7468). Failures name the file and what is wrong with it, and quote nothing of a key. */
final class Pem {
    private static final int BYTES_MAX = 1 << 20;
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]+)-----END CERTIFICATE-----");

    /** All certificates of a file, in their order; at least one. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        Matcher blocks = CERTIFICATE.matcher(new String(bytes(file), StandardCharsets.ISO_8859_1));
        List<X509Certificate> found = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            while (blocks.find()) {
                byte[] encoded = Base64.getMimeDecoder().decode(blocks.group(1));
                Certificate read = factory.generateCertificate(new ByteArrayInputStream(encoded));
                found.add((X509Certificate) read);
            }
        } catch (CertificateException | IllegalArgumentException e) {
            throw new IOException(
                    file + " has a certificate that cannot be read, after " + found.size() + " that can", e);
        }
        if (found.isEmpty()) {
            throw new IOException(file + " has no certificate in PEM");
        }
        return found;
    }

    /**
     * The key of a file.
     *
     * @param certified the public key that it belongs to: keys of OpenSSL's own formats do not say by themselves of which curve they are
     */
    static PrivateKey key(Path file, PublicKey certified) throws IOException {
        String text = new String(bytes(file), StandardCharsets.ISO_8859_1);
        Matcher block = KEY.matcher(text);
        if (!block.find()) {
            throw new IOException(
                    text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")
                            ? "the key in " + file
                                    + " is encrypted. Keys in PEM must not be; a PKCS#12 store may have a password"
                            : file + " has no private key in PEM");
        }
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(block.group(2));
            byte[] pkcs8 = block.group(1).equals("PRIVATE KEY") ? encoded : Der.pkcs8(encoded, certified.getEncoded());
            return KeyFactory.getInstance(certified.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Without the cause, which may quote it.
            throw new IOException("the key in " + file + " cannot be read, or is not of the kind "
                    + certified.getAlgorithm() + ", which its certificate is for");
        }
    }

    static byte[] bytes(Path file) throws IOException {
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new IOException(file + " has more than " + BYTES_MAX + " bytes");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + file, e);
        }
    }

    private Pem() {}
}
