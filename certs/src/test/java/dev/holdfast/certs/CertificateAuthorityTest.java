package dev.holdfast.certs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateExpiredException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityTest {
    private static final int DNS = 2;
    private static final int URI = 6;
    private static final int IP = 7;

    private final CertificateAuthority authority = CertificateAuthority.create("test", Validity.ofDays(1));

    @TempDir
    Path folder;

    @Test
    void a_member_is_named_by_its_id_and_its_hosts() throws Exception {
        X509Certificate issued = authority
                .member("a", List.of("a.example.org", "10.0.0.1", "fd00::1"), Validity.ofDays(1))
                .certificate();

        issued.verify(authority.certificate().getPublicKey());
        assertThat(issued.getSubjectAlternativeNames())
                .containsExactly(
                        List.of(URI, "holdfast:member:a"),
                        List.of(DNS, "a.example.org"),
                        List.of(IP, "10.0.0.1"),
                        List.of(IP, "fd00:0:0:0:0:0:0:1"));
        assertThat(issued.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        assertThat(issued.getBasicConstraints()).isEqualTo(-1);
    }

    @Test
    void a_member_on_loopback_has_all_its_names() throws Exception {
        X509Certificate issued =
                authority.member("a", List.of("127.0.0.3"), Validity.ofDays(1)).certificate();

        assertThat(issued.getSubjectAlternativeNames())
                .contains(
                        List.of(IP, "127.0.0.3"),
                        List.of(DNS, "localhost"),
                        List.of(IP, "127.0.0.1"),
                        List.of(IP, "0:0:0:0:0:0:0:1"));
    }

    @Test
    void a_client_has_its_name_and_cannot_serve() throws Exception {
        X509Certificate issued =
                authority.client("alice@example.org", Validity.ofDays(1)).certificate();

        assertThat(issued.getSubjectAlternativeNames())
                .containsExactly(List.of(URI, "holdfast:client:alice@example.org"));
        assertThat(issued.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
    }

    @Test
    void names_that_a_certificate_could_not_say_unambiguously_are_refused() {
        for (String name : List.of("", "a b", "a:b", "a/b", "a%62", "ä", "a\nb", "x".repeat(65))) {
            assertThatThrownBy(() -> authority.client(name, Validity.ofDays(1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("64 ASCII letters");
        }
        assertThatThrownBy(() -> authority.member("a", List.of(), Validity.ofDays(1)))
                .hasMessage("member a has no host");
        assertThatThrownBy(() -> authority.member("a", List.of("no host"), Validity.ofDays(1)))
                .hasMessage("\"no host\" is neither a host's name nor an IP address");
    }

    @Test
    void an_expired_certificate_can_be_issued() {
        X509Certificate issued = authority.client("alice", Validity.expired()).certificate();

        assertThatThrownBy(issued::checkValidity).isInstanceOf(CertificateExpiredException.class);
    }

    @Test
    void an_authority_that_was_written_issues_again() throws Exception {
        Path certificate = folder.resolve("ca.pem");
        Path key = folder.resolve("ca.key");
        authority.credentials().writePem(certificate, key);

        CertificateAuthority again = CertificateAuthority.read(certificate, key);

        assertThat(again.certificate()).isEqualTo(authority.certificate());
        again.client("alice", Validity.ofDays(1))
                .certificate()
                .verify(authority.certificate().getPublicKey());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(certificate)))
                .isEqualTo("rw-r--r--");
        assertThat(folder).isDirectoryNotContaining(file -> file.toString().endsWith(".new"));
    }

    @Test
    void what_is_no_authority_is_not_read_as_one() throws IOException {
        Path certificate = folder.resolve("cert.pem");
        Path key = folder.resolve("key.pem");
        authority.client("alice", Validity.ofDays(1)).writePem(certificate, key);
        assertThatThrownBy(() -> CertificateAuthority.read(certificate, key))
                .hasMessage(certificate + " is not the certificate of an authority");

        authority.client("bob", Validity.ofDays(1)).writePem(folder.resolve("other.pem"), key);
        assertThatThrownBy(() -> Credentials.readPem(certificate, key))
                .hasMessage("the key " + key + " is not that of the certificate " + certificate);

        Files.writeString(key, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        assertThatThrownBy(() -> Credentials.readPem(certificate, key))
                .hasMessage(key + " is no EC key in PEM (PKCS#8)");
        Files.writeString(certificate, "nothing");
        assertThatThrownBy(() -> Credentials.readPem(certificate, key))
                .hasMessage(certificate + " is no certificate in PEM");
    }

    @Test
    void a_store_has_the_key_and_the_roots() throws Exception {
        Path store = folder.resolve("alice.p12");
        authority
                .client("alice", Validity.ofDays(1))
                .writePkcs12(store, "secret".toCharArray(), authority.certificate());

        KeyStore read = KeyStore.getInstance(store.toFile(), "secret".toCharArray());

        assertThat(read.isKeyEntry("holdfast")).isTrue();
        assertThat(read.getCertificate("root-1")).isEqualTo(authority.certificate());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(store)))
                .isEqualTo("rw-------");
    }
}
