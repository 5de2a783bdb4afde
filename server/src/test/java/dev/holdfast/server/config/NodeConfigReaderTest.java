package dev.holdfast.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.node.Member;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.access.JwtOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeConfigReaderTest {
    private static final List<String> GOOD = List.of(
            "holdfast {",
            "  id = b",
            "  members = [",
            "    \"a=127.0.0.1:1:2\"",
            "    \"b=127.0.0.1:3:4\"",
            "  ]",
            "  data = here",
            "}");

    private static final String TOKEN = "join-0123456789abcdef0123456789abcdef";

    @TempDir
    Path folder;

    private Path file(List<String> lines) throws IOException {
        return Files.write(folder.resolve("node.conf"), lines);
    }

    private NodeConfig read(String... more) throws Exception {
        return NodeConfigReader.read(file(with(more)), Map.of(), Map.of());
    }

    private static List<String> with(String... more) {
        return Stream.concat(GOOD.stream(), List.of(more).stream()).toList();
    }

    /** What is wrong with it, a line each; the file's folder cut off. */
    private List<String> problems(List<String> lines, Map<String, String> properties, Map<String, String> environment)
            throws IOException {
        Path file = file(lines);
        InvalidConfigException e = catchThrowableOfType(
                InvalidConfigException.class, () -> NodeConfigReader.read(file, properties, environment));
        return e.getMessage().replace(folder + "/", "").lines().toList();
    }

    private List<String> problems(String... more) throws IOException {
        return problems(with(more), Map.of(), Map.of());
    }

    @Test
    void what_is_not_said_has_its_default() throws Exception {
        assertThat(read())
                .isEqualTo(new NodeConfig(
                        "b",
                        List.of(new Member("a", "127.0.0.1", 1, 2), new Member("b", "127.0.0.1", 3, 4)),
                        "",
                        false,
                        new MembersConfig("", 5, false, null),
                        folder.resolve("here"),
                        "holdfast",
                        1,
                        false,
                        null,
                        null,
                        null,
                        false,
                        AccessOptions.open(),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        100_000,
                        128 << 20,
                        10_000,
                        null,
                        LogFormat.TEXT,
                        Duration.ofSeconds(1),
                        false,
                        Duration.ofSeconds(10)));
    }

    @Test
    void what_is_said_counts() throws Exception {
        NodeConfig config = read(
                "holdfast.cluster-name = mine",
                "holdfast.insecure = true",
                "holdfast.groups = 5",
                "holdfast.join = true",
                "holdfast.join-token = " + TOKEN,
                "holdfast.max-voters = 4",
                "holdfast.replace-lost-disk = true",
                "holdfast.replace-after = 90 min",
                "holdfast.secret-file = secrets/mine",
                "holdfast.election-timeout { min = 2s, max = \"3 s\" }",
                "holdfast.snapshot { every = 500, every-bytes = 2 GiB, log-kept = 0 }",
                "holdfast.http.listen = \"127.0.0.1:7301\"",
                "holdfast.log { format = json, slow = never }",
                "holdfast.jmx = yes_or_no",
                "holdfast.jmx = true",
                "holdfast.drain-timeout = 1 min");
        assertThat(config.clusterName()).isEqualTo("mine");
        assertThat(config.insecure()).isTrue();
        assertThat(config.groups()).isEqualTo(5);
        assertThat(config.join()).isTrue();
        assertThat(config.membership()).isEqualTo(new MembersConfig(TOKEN, 4, true, Duration.ofMinutes(90)));
        assertThat(config.toString()).doesNotContain(TOKEN);
        assertThat(config.secretFile()).isEqualTo(folder.resolve("secrets/mine"));
        assertThat(config.electionTimeoutMin()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.electionTimeoutMax()).isEqualTo(Duration.ofSeconds(3));
        assertThat(config.snapshotEvery()).isEqualTo(500);
        assertThat(config.snapshotEveryBytes()).isEqualTo(2L << 30);
        assertThat(config.logKept()).isZero();
        assertThat(config.http()).isEqualTo(new HostPort("127.0.0.1", 7301));
        assertThat(config.logFormat()).isEqualTo(LogFormat.JSON);
        assertThat(config.slowThreshold()).isZero();
        assertThat(config.jmx()).isTrue();
        assertThat(config.drainTimeout()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void a_join_token_may_be_in_a_file_which_need_not_be_there_any_more_once_it_was_used() throws Exception {
        String[] lines = {"holdfast.join = true", "holdfast.join-token-file = token"};
        assertThat(read(lines).membership().joinToken()).isEmpty();
        Files.writeString(folder.resolve("token"), TOKEN + "\n");
        assertThat(read(lines).membership().joinToken()).isEqualTo(TOKEN);

        assertThatThrownBy(() -> read(lines[0], lines[1], "holdfast.join-token = " + TOKEN))
                .hasMessageContaining("holdfast.join-token-file is set beside holdfast.join-token");
        Files.writeString(folder.resolve("token"), TOKEN + "0");
        assertThatThrownBy(() -> read(lines)).hasMessageContaining("which has no join token");
    }

    @Test
    void a_wrong_join_token_is_not_shown_and_one_without_join_is_refused() {
        assertThatThrownBy(() -> read("holdfast.join = true", "holdfast.join-token = " + TOKEN + "00"))
                .hasMessageContaining("that is no join token")
                .hasMessageNotContaining(TOKEN);
        assertThatThrownBy(() -> read("holdfast.join-token = " + TOKEN))
                .hasMessageContaining("holdfast.join = true is missing");
    }

    @Test
    void a_property_goes_before_the_environment_and_that_before_the_file() throws Exception {
        Path file = file(with("holdfast.drain-timeout = 1 s", "holdfast.data = \"data/\"${holdfast.id}"));
        NodeConfig config = NodeConfigReader.read(
                file,
                Map.of("holdfast.id", "x", "unrelated", "y"),
                Map.of(
                        "HOLDFAST_ID", "y",
                        "HOLDFAST_DRAIN_TIMEOUT", "2s",
                        "HOLDFAST_MEMBERS", "x=127.0.0.1:5:6, y=127.0.0.1:7:8",
                        "HOLDFAST_ELECTION_TIMEOUT_MIN", "700 ms",
                        "HOLDFAST_SERVICE_HOST", "put there by Kubernetes"));
        assertThat(config.id()).isEqualTo("x");
        assertThat(config.drainTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.members()).extracting(Member::id).containsExactly("x", "y");
        assertThat(config.electionTimeoutMin()).isEqualTo(Duration.ofMillis(700));
        assertThat(config.data()).isEqualTo(folder.resolve("data/x"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            election-timeout.min = 50 ms    | "50 ms"      | a duration from 100 ms to 60 s, with its unit: ms, s or min
            election-timeout.min = 500      | 500          | a duration from 100 ms to 60 s, with its unit: ms, s or min
            election-timeout.max = 2 weeks  | "2 weeks"    | a duration from 100 ms to 60 s, with its unit: ms, s or min
            election-timeout.max = 61 s     | "61 s"       | a duration from 100 ms to 60 s, with its unit: ms, s or min
            drain-timeout = never           | "never"      | a duration from 1 s to 10 min, with its unit: ms, s or min
            snapshot.every = 99             | 99           | a number of log entries from 100 to 1000000000
            snapshot.every = 1000.5         | 1000.5       | a number of log entries from 100 to 1000000000
            snapshot.every-bytes = 1023 KiB | "1023 KiB"   | a size from 1 MiB to 64 GiB, with its unit: KiB, MiB or GiB
            snapshot.every-bytes = 65 GiB   | "65 GiB"     | a size from 1 MiB to 64 GiB, with its unit: KiB, MiB or GiB
            snapshot.every-bytes = 5000000  | 5000000      | a size from 1 MiB to 64 GiB, with its unit: KiB, MiB or GiB
            snapshot.log-kept = -1          | -1           | a number of log entries from 0 to 1000000000
            snapshot.log-kept = [1]         | [1]          | a number of log entries from 0 to 1000000000
            http.listen = 7301              | 7301         | host:port, such as 127.0.0.1:7301, with an IPv6 host in brackets. "" for no HTTP
            http.listen = "::1:7301"        | "::1:7301"   | host:port, such as 127.0.0.1:7301, with an IPv6 host in brackets. "" for no HTTP
            log.format = xml                | "xml"        | text or json
            log.slow = 0 ms                 | "0 ms"       | never, or a duration from 1 ms to 60 min, with its unit: ms, s or min
            jmx = on                        | "on"         | true or false
            insecure { a = b }              | {"a":"b"}    | true or false
            cluster-name = "two words"      | "two words"  | 1 to 64 letters, digits, '-', '_' and '.'
            data = ""                       | ""           | a folder; one that is relative lies in the folder of the configuration file
            """)
    void a_wrong_value_is_told_with_its_line_and_what_is_allowed(String said, String shown, String allowed)
            throws Exception {
        String key = said.split("[ ={]", 2)[0];
        assertThat(problems("", "holdfast." + said))
                .singleElement()
                .isIn(
                        "node.conf:10: holdfast." + key + " is " + shown + "; allowed: " + allowed,
                        "node.conf: holdfast." + key + " is " + shown + "; allowed: " + allowed);
    }

    @Test
    void a_wrong_override_is_told_by_its_name() throws Exception {
        assertThat(problems(GOOD, Map.of("holdfast.jmx", "maybe"), Map.of("HOLDFAST_SNAPSHOT_EVERY", "often")))
                .containsExactlyInAnyOrder(
                        "system property -Dholdfast.jmx: holdfast.jmx is \"maybe\"; allowed: true or false",
                        "environment variable HOLDFAST_SNAPSHOT_EVERY: holdfast.snapshot.every is \"often\"; allowed: a"
                                + " number of log entries from 100 to 1000000000");
    }

    @Test
    void an_unknown_key_is_told_with_its_line_and_the_nearest_that_is_known() throws Exception {
        assertThat(problems("holdfast.drain-timout = 5 s", "holdfast.snapshot.evry = 5", "holdfst.jmx = true"))
                .containsExactlyInAnyOrder(
                        "node.conf:9: there is no setting holdfast.drain-timout; did you mean holdfast.drain-timeout?",
                        "node.conf:10: there is no setting holdfast.snapshot.evry; did you mean holdfast.snapshot.every?",
                        "node.conf: there is no setting holdfst; did you mean holdfast.id?");
        assertThat(problems(GOOD, Map.of("holdfast.jxm", "true"), Map.of()))
                .containsExactly("system property -Dholdfast.jxm: there is no setting holdfast.jxm; did you mean"
                        + " holdfast.jmx?");
    }

    @Test
    void all_that_is_missing_is_told_at_once() throws Exception {
        assertThat(problems(List.of("holdfast { }"), Map.of(), Map.of()))
                .containsExactly(
                        "node.conf: holdfast.id is missing; allowed: the id of one of the members",
                        "node.conf: holdfast.members is missing; allowed: a list of id=host:raft-port:client-port, such"
                                + " as [\"a=10.0.0.1:7101:7201\"], or one string of them with commas",
                        "node.conf: holdfast.data is missing; allowed: a folder; one that is relative lies in the folder"
                                + " of the configuration file");
    }

    @Test
    void an_id_that_no_member_has_is_refused() throws Exception {
        assertThat(problems("holdfast.id = z"))
                .containsExactly("node.conf:9: holdfast.id is \"z\"; allowed: a, b, the ids of holdfast.members");
    }

    @Test
    void wrong_members_are_told_with_the_line_of_each() throws Exception {
        assertThat(problems(
                        "holdfast.members = [",
                        "  \"b=127.0.0.1:1:2\"",
                        "  \"b=127.0.0.1:3:4\"",
                        "  \"c=127.0.0.1:2:5\"",
                        "]"))
                .containsExactly(
                        "node.conf:11: holdfast.members: b=127.0.0.1:3:4 and b=127.0.0.1:1:2 both have the id b; allowed:"
                                + " each id and each address once",
                        "node.conf:12: holdfast.members: c=127.0.0.1:2:5 and b=127.0.0.1:1:2 both have 127.0.0.1:2;"
                                + " allowed: each id and each address once");
        assertThat(problems("holdfast.members = [", "  \"b=127.0.0.1:1:2\"", "  \"127.0.0.1:3\"", "]"))
                .containsExactly("node.conf:11: holdfast.members: member \"127.0.0.1:3\" is not of the form"
                        + " id=host:raftPort:clientPort, as in a=10.0.0.1:7101:7201");
        assertThat(problems("holdfast.members = [", "  \"b=127.0.0.1:1:99999\"", "]"))
                .containsExactly(
                        "node.conf:10: holdfast.members: member b has client port 99999; allowed are 1 to 65535");
        assertThat(problems("holdfast.members = []"))
                .singleElement()
                .asString()
                .startsWith("node.conf:9: holdfast.members is []; allowed: a list of");
    }

    @Test
    void where_a_peer_listens_is_judged_like_its_address_in_the_list() throws Exception {
        assertThat(read("holdfast.listen = \"127.0.0.1:7:8\"").listen()).isEqualTo("127.0.0.1:7:8");
        assertThat(read("holdfast.listen = \"0.0.0.0\"", "holdfast.insecure = true")
                        .listen())
                .isEqualTo("0.0.0.0");
        assertThat(problems("holdfast.listen = \"0.0.0.0\""))
                .containsExactly(
                        "node.conf:9: holdfast.listen: 0.0.0.0, on which b listens, is not on loopback, and traffic is"
                                + " not encrypted: whoever reaches its ports can take and break locks; allowed: loopback, or TLS"
                                + " (holdfast.tls), or holdfast.insecure = true if the network is yours alone");
        assertThat(problems("holdfast.listen = \"::\"", "holdfast.insecure = true"))
                .singleElement()
                .asString()
                .startsWith("node.conf:9: holdfast.listen is \"::\": ")
                .contains("allowed: a host, or host:raft-port:client-port");
    }

    private static final String[] TLS = {"holdfast.tls.members { certificate = a.pem, key = a.key, trust = ca.pem }"};

    private Tls inFolder() {
        return Tls.pem(folder.resolve("a.pem"), folder.resolve("a.key")).trust(folder.resolve("ca.pem"));
    }

    @Test
    void the_files_of_members_serve_clients_too_unless_these_have_others_or_none() throws Exception {
        NodeConfig same = read(TLS);
        assertThat(same.membersTls()).isEqualTo(inFolder());
        assertThat(same.clientsTls()).isEqualTo(inFolder());
        assertThat(same.requireClientCertificate()).isFalse();
        NodeConfig none = read(TLS[0], "holdfast.tls.clients.same = false");
        assertThat(none.membersTls()).isEqualTo(inFolder());
        assertThat(none.clientsTls()).isNull();
        NodeConfig other = read(
                TLS[0],
                "holdfast.tls.protocols = [TLSv1.3, TLSv1.2]",
                "holdfast.tls.clients { store = c.p12, store-password-file = c.password, require-certificate = true }");
        assertThat(other.membersTls()).isEqualTo(inFolder().protocols("TLSv1.3", "TLSv1.2"));
        assertThat(other.clientsTls())
                .isEqualTo(Tls.pkcs12(folder.resolve("c.p12"), folder.resolve("c.password"))
                        .protocols("TLSv1.3", "TLSv1.2"));
        assertThat(other.requireClientCertificate()).isTrue();
    }

    @Test
    void tls_that_is_not_whole_is_refused_where_it_is_said() throws Exception {
        assertThat(problems("holdfast.tls.members { certificate = a.pem, trust = ca.pem }"))
                .containsExactly(
                        "node.conf: holdfast.tls.members.key is missing: TLS takes a certificate, its key and the"
                                + " roots to trust, or a store");
        assertThat(problems("holdfast.tls.members.store = a.p12"))
                .containsExactly("node.conf:9: holdfast.tls.members.store is set without"
                        + " holdfast.tls.members.store-password-file");
        assertThat(problems(TLS[0], "holdfast.tls.members { store = a.p12, store-password-file = p }"))
                .containsExactly(
                        "node.conf:10: holdfast.tls.members.store is set beside a certificate or key in PEM; one of"
                                + " the two is enough");
        assertThat(problems("holdfast.tls.clients.require-certificate = true"))
                .containsExactly(
                        "node.conf:9: holdfast.tls.clients.require-certificate is true, and there is no TLS for"
                                + " clients: they can show certificates over TLS only");
        assertThat(problems("holdfast.tls.protocols = TLSv1"))
                .containsExactly(
                        "node.conf:9: holdfast.tls.protocols is \"TLSv1\"; allowed: TLSv1.3, TLSv1.2, or both with"
                                + " a comma between them");
    }

    @Test
    void tls_on_both_ports_lets_members_be_beyond_loopback() throws Exception {
        String members = "holdfast.members = [\"b=10.0.0.1:1:2\"]";
        assertThat(read(members, TLS[0]).insecure()).isFalse();
        assertThat(problems(members, TLS[0], "holdfast.tls.clients.same = false"))
                .hasSize(1);
    }

    @Test
    void who_clients_are() throws Exception {
        NodeConfig config = read(
                "holdfast.access { required = true, admins = \"alice, bob\", tokens-file = tokens",
                "  jwt { jwks = keys.json, issuer = \"https://issuer\", audience = locks } }");
        assertThat(config.access())
                .isEqualTo(AccessOptions.closed()
                        .withAdmins("alice", "bob")
                        .withTokensFile(folder.resolve("tokens"))
                        .withJwt(JwtOptions.of(folder.resolve("keys.json").toString(), "https://issuer", "locks")));
        assertThat(read("holdfast.access.admins = [alice]").access())
                .isEqualTo(AccessOptions.open().withAdmins("alice"));
        assertThat(problems("holdfast.access.jwt.jwks = \"https://issuer/keys\""))
                .containsExactly("node.conf:9: holdfast.access.jwt.jwks cannot be used: JWTs need issuer");
        assertThat(problems("holdfast.access.admins = \"a b\"").get(0))
                .startsWith("node.conf:9: holdfast.access.admins ");
    }

    @Test
    void a_member_beyond_loopback_needs_insecure() throws Exception {
        String[] members = {"holdfast.members = [", "  \"b=10.0.0.1:1:2\"", "]"};
        assertThat(problems(members))
                .containsExactly("node.conf:10: holdfast.members: b=10.0.0.1:1:2 is not on loopback, and traffic is not"
                        + " encrypted: whoever reaches its ports can take and break locks; allowed: loopback, or"
                        + " TLS (holdfast.tls), or holdfast.insecure = true if the network is yours alone");
        assertThat(NodeConfigReader.read(file(with(members)), Map.of("holdfast.insecure", "true"), Map.of())
                        .insecure())
                .isTrue();
    }

    @Test
    void the_longer_election_timeout_is_longer() throws Exception {
        assertThat(problems("holdfast.election-timeout.max = 500 ms"))
                .containsExactly("node.conf:9: holdfast.election-timeout.max is 500 ms; allowed: more than"
                        + " holdfast.election-timeout.min, which is 500 ms");
    }

    @Test
    void what_is_no_hocon_is_told_with_its_line() throws Exception {
        assertThat(problems("holdfast.members = [")).singleElement().asString().startsWith("node.conf: 10: ");
        assertThat(problems("holdfast.data = ${nowhere}"))
                .singleElement()
                .asString()
                .startsWith("node.conf: 9: ")
                .contains("${nowhere}");
    }

    @Test
    void a_file_that_is_not_there_is_told() {
        Path file = folder.resolve("none.conf");
        assertThatThrownBy(() -> NodeConfigReader.read(file, Map.of(), Map.of()))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessage(file + ": there is no such file");
        assertThatThrownBy(() -> NodeConfigReader.read(folder, Map.of(), Map.of()))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessage(folder + ": is not a readable file");
    }
}
