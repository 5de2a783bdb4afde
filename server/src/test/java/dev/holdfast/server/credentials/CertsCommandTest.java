package dev.holdfast.server.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.certs.Credentials;
import dev.holdfast.server.CommandRun;
import java.io.InputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertsCommandTest {
    @TempDir
    private Path folder;

    private Path certs = Path.of("");

    @BeforeEach
    void an_authority() {
        certs = folder.resolve("certs");
        CommandRun init = CommandRun.of("certs", "init", certs).ended(0);
        assertThat(init.out().get(0)).startsWith(certs.resolve("ca.pem") + ": a new authority, valid until ");
        assertThat(init.out().get(1)).startsWith(certs.resolve("ca.key") + ": its key.");
    }

    private Credentials read(String name) throws Exception {
        return Credentials.readPem(certs.resolve(name + ".pem"), certs.resolve(name + ".key"));
    }

    private X509Certificate root() throws Exception {
        return Credentials.readPem(certs.resolve("ca.pem"), certs.resolve("ca.key"))
                .certificate();
    }

    private static List<String> names(X509Certificate certificate) throws Exception {
        return certificate.getSubjectAlternativeNames().stream()
                .map(name -> String.valueOf(name.get(1)))
                .toList();
    }

    private static void assertOwnersAlone(Path file) throws Exception {
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void a_members_certificate_names_it_and_its_hosts_and_the_output_says_what_to_put_where() throws Exception {
        CommandRun run = CommandRun.of("certs", "member", certs, "a", "db1.example.com", "10.0.0.1", "--days", "30")
                .ended(0);

        Credentials made = read("member-a");
        made.certificate().verify(root().getPublicKey());
        assertThat(names(made.certificate())).containsExactly("holdfast:member:a", "db1.example.com", "10.0.0.1");
        assertThat(made.certificate().getNotAfter().toInstant())
                .isBetween(
                        Instant.now().plus(Duration.ofDays(29)), Instant.now().plus(Duration.ofDays(31)));
        assertOwnersAlone(certs.resolve("member-a.key"));
        assertOwnersAlone(certs.resolve("ca.key"));
        assertThat(String.join("\n", run.out()))
                .contains(
                        "Member a, at db1.example.com, 10.0.0.1",
                        "holdfast.tls.members.certificate = member-a.pem",
                        "holdfast.tls.members.key = member-a.key",
                        "holdfast.tls.members.trust = ca.pem",
                        "--replace");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void a_clients_certificate_names_it_and_a_store_has_all_of_it() throws Exception {
        Path password = Files.writeString(folder.resolve("password"), "secret words\n");
        CommandRun run = CommandRun.of("certs", "client", certs, "alice", "--pkcs12", password)
                .ended(0);

        Credentials made = read("client-alice");
        assertThat(names(made.certificate())).containsExactly("holdfast:client:alice");
        assertThat(String.join("\n", run.out()))
                .contains("HOLDFAST_CA=ca.pem HOLDFAST_CERT=client-alice.pem HOLDFAST_CERT_KEY=client-alice.key")
                .doesNotContain("secret words");
        Path file = certs.resolve("client-alice.p12");
        assertOwnersAlone(file);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, "secret words".toCharArray());
        }
        assertThat(store.getCertificate("holdfast")).isEqualTo(made.certificate());
        assertThat(store.getCertificate("root-1")).isEqualTo(root());
    }

    @Test
    void what_is_there_is_replaced_only_if_asked() throws Exception {
        X509Certificate root = root();
        assertThat(CommandRun.of("certs", "init", certs).ended(74).errLine())
                .contains("ca.pem exists", "no longer be trusted");
        assertThat(root()).isEqualTo(root);

        CommandRun.of("certs", "client", certs, "alice").ended(0);
        X509Certificate first = read("client-alice").certificate();
        assertThat(CommandRun.of("certs", "client", certs, "alice").ended(74).errLine())
                .contains("client-alice.pem exists", "--replace");
        assertThat(read("client-alice").certificate()).isEqualTo(first);
        CommandRun.of("certs", "client", certs, "alice", "--replace").ended(0);
        assertThat(read("client-alice").certificate()).isNotEqualTo(first);
    }

    @Test
    void wrong_usage_is_reported_in_a_line_and_makes_nothing() throws Exception {
        assertThat(CommandRun.of("certs", "member", folder, "a", "localhost")
                        .ended(74)
                        .errLine())
                .contains("has no authority", "holdfast certs init " + folder);
        assertThat(CommandRun.of("certs", "client", certs, "../alice")
                        .ended(2)
                        .err()
                        .get(0))
                .contains("\"../alice\"", "are allowed");
        assertThat(CommandRun.of("certs", "member", certs, "a", "no host")
                        .ended(2)
                        .err()
                        .get(0))
                .contains("\"no host\"", "neither a host's name nor an IP address");
        assertThat(CommandRun.of("certs", "member", certs, "a").ended(2).err().get(0))
                .contains("HOST");
        assertThat(CommandRun.of("certs", "client", certs, "alice", "--days", "0")
                        .ended(2)
                        .err()
                        .get(0))
                .contains("--days is 0", "1 to 36500");
        assertThat(CommandRun.of("certs").ended(2).err().get(0)).contains("init, member or client");
        try (var files = Files.list(certs)) {
            assertThat(files).hasSize(2);
        }
    }
}
