package dev.holdfast.client.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.holdfast.certs.CertificateAuthority;
import dev.holdfast.certs.Credentials;
import dev.holdfast.certs.Validity;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.interfaces.ECPrivateKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsMaterialTest {
    private static final CertificateAuthority AUTHORITY = CertificateAuthority.create("ours", Validity.ofDays(2));

    @TempDir
    Path folder;

    private final AtomicLong nanos = new AtomicLong();
    private Path certificate;
    private Path key;
    private Path roots;
    private Tls pem;

    @BeforeEach
    void write() throws IOException {
        certificate = folder.resolve("a.pem");
        key = folder.resolve("a.key");
        roots = folder.resolve("ca.pem");
        Files.writeString(roots, AUTHORITY.credentials().certificatePem());
        member("a").writePem(certificate, key);
        pem = Tls.pem(certificate, key).trust(roots);
    }

    private static Credentials member(String id) {
        return AUTHORITY.member(id, List.of("localhost"), Validity.ofDays(1));
    }

    private static String serial(TlsMaterial material) {
        return Objects.requireNonNull(material.certificate()).getSerialNumber().toString();
    }

    @Test
    void reads_pem_with_the_roots_of_a_file() throws IOException {
        TlsMaterial material = TlsMaterial.load(pem);

        assertThat(material.hasCertificate()).isTrue();
        assertThat(CertificateNames.members(material.certificate())).containsExactly("a");
        assertThat(material.expiries()).extracting(CertificateExpiry::own).containsExactly(true, false);
        assertThat(material.expiries().get(0).left(Instant.now()))
                .isBetween(java.time.Duration.ofHours(23), java.time.Duration.ofHours(25));
    }

    @Test
    void reads_a_store_and_its_roots() throws IOException {
        Path store = folder.resolve("a.p12");
        Path password = folder.resolve("password");
        Files.writeString(password, "secret\n");
        member("a").writePkcs12(store, "secret".toCharArray(), AUTHORITY.certificate());

        TlsMaterial material = TlsMaterial.load(Tls.pkcs12(store, password));

        assertThat(CertificateNames.members(material.certificate())).containsExactly("a");
        assertThat(material.expiries()).hasSize(2);

        Files.writeString(password, "wrong");
        assertThatIOException()
                .isThrownBy(() -> TlsMaterial.load(Tls.pkcs12(store, password)))
                .withMessage(store + " is no PKCS#12 store, or " + password + " does not have its password");
    }

    /** As step-ca writes them. */
    @Test
    void reads_keys_in_openssl_s_own_format() throws IOException {
        Credentials issued = member("a");
        issued.writePem(certificate, key);
        byte[] scalar = unsigned(((ECPrivateKey) issued.key()).getS());
        byte[] sec1 = new byte[7 + scalar.length];
        System.arraycopy(new byte[] {0x30, 37, 2, 1, 1, 4, 32}, 0, sec1, 0, 7);
        System.arraycopy(scalar, 0, sec1, 7, scalar.length);
        Files.writeString(
                key,
                "-----BEGIN EC PRIVATE KEY-----\n" + Base64.getEncoder().encodeToString(sec1)
                        + "\n-----END EC PRIVATE KEY-----\n");

        assertThat(TlsMaterial.load(pem).hasCertificate()).isTrue();
    }

    private static byte[] unsigned(BigInteger number) {
        byte[] all = new byte[32];
        byte[] bytes = number.toByteArray();
        int length = Math.min(bytes.length, 32);
        System.arraycopy(bytes, bytes.length - length, all, 32 - length, length);
        return all;
    }

    @Test
    void says_which_file_is_wrong_and_why() throws IOException {
        assertThatIOException()
                .isThrownBy(() -> TlsMaterial.load(Tls.pem(certificate, key)))
                .withMessageStartingWith("TLS needs the roots to trust, beside " + certificate);
        assertThatIOException()
                .isThrownBy(() -> TlsMaterial.load(Tls.trusting(folder.resolve("none.pem"))))
                .withMessage("there is no file " + folder.resolve("none.pem"));
        assertThatIOException()
                .isThrownBy(() -> TlsMaterial.load(Tls.trusting(key)))
                .withMessage(key + " has no certificate in PEM");
        assertThatIOException()
                .isThrownBy(() -> TlsMaterial.load(Tls.pem(certificate, roots).trust(roots)))
                .withMessage(roots + " has no private key in PEM");
        assertThatIOException()
                .isThrownBy(() -> TlsMaterial.load(Tls.trusting(roots)).accepting("x"))
                .withMessageStartingWith("whoever serves with TLS needs a certificate and a key");

        member("b").writePem(folder.resolve("b.pem"), key);
        assertThatIOException()
                .isThrownBy(() -> TlsMaterial.load(pem))
                .withMessage("the key in " + key + " is not that of the certificate in " + certificate);

        Files.writeString(key, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
        assertThatIOException()
                .isThrownBy(() -> TlsMaterial.load(pem))
                .withMessageStartingWith("the key in " + key + " is encrypted");

        AUTHORITY.client("old", Validity.expired()).writePem(certificate, key);
        assertThatIOException()
                .isThrownBy(() -> TlsMaterial.load(pem))
                .withMessageMatching("the certificate of CN=old in \\S+ expired at \\S+: put a new one into its place");
    }

    @Test
    void files_that_change_are_read_again_and_broken_ones_are_not_used() throws IOException {
        TlsMaterial material = new TlsMaterial(pem, nanos::get);
        String first = serial(material);

        member("a").writePem(certificate, key);
        assertThat(serial(material)).as("looked at a moment ago").isEqualTo(first);
        second();
        String next = serial(material);
        assertThat(next).isNotEqualTo(first);

        String whole = Files.readString(certificate);
        Files.writeString(certificate, "broken");
        touch();
        assertThat(serial(material)).isEqualTo(next);

        member("b").writePem(certificate, folder.resolve("b.key"));
        touch();
        assertThat(serial(material)).as("of another key").isEqualTo(next);

        Files.delete(certificate);
        second();
        assertThat(serial(material)).isEqualTo(next);

        Files.writeString(certificate, whole);
        touch();
        assertThat(serial(material)).isEqualTo(next);
        member("a").writePem(certificate, key);
        second();
        assertThat(serial(material)).isNotEqualTo(next);
    }

    /** Between the two renames of a rotation the files do not fit together. */
    @Test
    void files_that_did_not_fit_together_are_tried_again() throws IOException {
        TlsMaterial material = new TlsMaterial(pem, nanos::get);
        String first = serial(material);
        Credentials fresh = member("a");
        fresh.writePem(folder.resolve("unused.pem"), key);
        second();
        assertThat(serial(material)).isEqualTo(first);

        fresh.writePem(certificate, folder.resolve("unused.key"));
        second();

        assertThat(serial(material))
                .isEqualTo(fresh.certificate().getSerialNumber().toString());
    }

    @Test
    void nothing_is_said_of_the_key() throws IOException {
        assertThat(pem.toString())
                .isEqualTo("TLSv1.3 (certificate " + certificate + ", key " + key + ", roots " + roots + ")");
        Files.writeString(key, Files.readString(key).replace("M", "N"));
        assertThatIOException()
                .isThrownBy(() -> TlsMaterial.load(pem))
                .satisfies(failure -> assertThat(failure).hasNoCause());
    }

    private void second() {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    }

    /** File systems tell times apart that are some milliseconds apart. */
    private void touch() throws IOException {
        Files.setLastModifiedTime(
                certificate, FileTime.from(Instant.now().plusSeconds(nanos.get() / 1_000_000_000 + 5)));
        second();
    }
}
