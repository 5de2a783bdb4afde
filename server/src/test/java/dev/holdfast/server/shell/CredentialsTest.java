package dev.holdfast.server.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.certs.Validity;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.node.FreePorts;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.Member;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.access.TokenFile;
import dev.holdfast.server.CommandRun;
import dev.holdfast.server.credentials.CertificateFolder;
import dev.holdfast.server.credentials.CertificateFolder.Issued;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the shell says of credentials that are right, wrong or missing, to a peer that speaks TLS and wants to know its clients. */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CredentialsTest {
    private static final Validity DAY = Validity.ofDays(1);

    private Path folder;
    private CertificateFolder certificates;
    private HoldfastNode node;
    private Path token;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        certificates = CertificateFolder.create(folder.resolve("certs"), "test", DAY);
        Issued own = certificates.member("a", List.of("127.0.0.1"), DAY, false);
        Path tokens = folder.resolve("tokens");
        token = Files.writeString(
                folder.resolve("alice.token"), TokenFile.add(tokens, "alice", List.of(), null) + "\n");
        List<Integer> ports = FreePorts.find(2);
        Tls tls = Tls.pem(own.certificate(), own.key()).trust(certificates.rootFile());
        node = HoldfastNode.builder()
                .members(List.of(new Member("a", "127.0.0.1", ports.get(0), ports.get(1))))
                .dataFolder(folder.resolve("data"))
                .membersTls(tls)
                .clientsTls(tls)
                .access(AccessOptions.closed().withAdmins("alice", "root").withTokensFile(tokens))
                .start();
        assertThat(node.awaitLeader(Duration.ofMinutes(1))).isTrue();
    }

    @AfterAll
    void stop() {
        node.close();
    }

    private CommandRun run(String command, Object... arguments) {
        List<Object> all = new ArrayList<>(
                List.of(command, "--servers", "127.0.0.1:" + node.member().clientPort()));
        all.addAll(List.of(arguments));
        return CommandRun.of(all.toArray());
    }

    @Test
    void a_certificate_or_a_token_says_who_it_is() throws Exception {
        Issued root = certificates.client("root", DAY, true);
        for (String command : List.of("locks", "status")) {
            run(command, "--ca", certificates.rootFile(), "--cert", root.certificate(), "--key", root.key())
                    .ended(0);
            run(command, "--ca", certificates.rootFile(), "--token-file", token).ended(0);
        }
        assertThat(String.join(
                        "\n",
                        run("status", "--ca", certificates.rootFile(), "--token-file", token)
                                .out()))
                .contains("TLS for 0 days, access required", "EXPIRES: the certificate CN=a of a, at ", "in 0 days");
    }

    @Test
    void whoever_says_nothing_or_something_wrong_is_told_what_was_missing() throws Exception {
        Path wrong = Files.writeString(folder.resolve("wrong.token"), "x".repeat(40));
        for (String command : List.of("locks", "status")) {
            assertThat(run(command, "--ca", certificates.rootFile()).ended(77).errLine())
                    .contains("give a token or a certificate");
            assertThat(run(command, "--ca", certificates.rootFile(), "--token-file", wrong)
                            .ended(77)
                            .errLine())
                    .contains("token")
                    .doesNotContain("xxxx");
        }
    }

    @Test
    void a_root_that_has_not_signed_the_peers_certificate_is_named() throws Exception {
        CertificateFolder other = CertificateFolder.create(folder.resolve("other"), "other", DAY);
        assertThat(String.join(
                        "\n", run("status", "--ca", other.rootFile()).ended(69).err()))
                .contains(other.rootFile().toString());
    }

    @Test
    void a_certificate_of_another_root_or_of_yesterday_is_refused_in_words() throws Exception {
        CertificateFolder foreign = CertificateFolder.create(folder.resolve("foreign"), "foreign", DAY);
        Issued bob = foreign.client("bob", DAY, false);
        assertThat(String.join("\n", runAs(bob).ended(69).err())).contains("certificate");
        Issued old = certificates.client("old", Validity.expired(), true);
        assertThat(runAs(old).ended(2).errLine()).contains(old.certificate() + " expired at ");
    }

    private CommandRun runAs(Issued own) {
        return run("status", "--ca", certificates.rootFile(), "--cert", own.certificate(), "--key", own.key());
    }

    @Test
    void no_tls_where_the_peer_speaks_it_is_told() {
        assertThat(String.join("\n", run("status").ended(69).err())).contains("TLS");
        assertThat(run("locks", "--timeout", "500ms").ended(69).errLine()).contains("TLS");
    }

    @Test
    void files_that_are_missing_or_do_not_fit_together_are_wrong_usage() throws Exception {
        Path absent = folder.resolve("absent");
        for (String command : List.of("locks", "status", "rules")) {
            assertThat(run(command, "--ca", absent).ended(2).errLine()).contains(absent.toString());
            assertThat(run(command, "--ca", certificates.rootFile(), "--token-file", absent)
                            .ended(2)
                            .errLine())
                    .contains(absent.toString());
            assertThat(run(command, "--cert", absent).ended(2).err().get(0)).contains("--key");
            assertThat(run(command, "--cert", absent, "--key", absent)
                            .ended(2)
                            .err()
                            .get(0))
                    .contains("--ca");
        }
    }
}
