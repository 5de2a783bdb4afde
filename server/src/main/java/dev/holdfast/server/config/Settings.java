package dev.holdfast.server.config;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.Member;
import dev.holdfast.protocol.KeyGroups;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Every setting there is. {@code config/all-settings.conf} lists the same, which a test sees to. */
final class Settings {
    /** All keys begin with it. */
    static final String ROOT = "holdfast";

    /** The files of one side of TLS. */
    record TlsSettings(
            Setting<String> certificate,
            Setting<String> key,
            Setting<String> trust,
            Setting<String> store,
            Setting<String> storePasswordFile) {}

    static final Setting<String> ID = new Setting<>(ROOT + ".id", "the id of one of the members", null, Readers.name());
    static final Setting<List<Read<Member>>> MEMBERS = new Setting<>(
            ROOT + ".members",
            "a list of id=host:raft-port:client-port, such as [\"a=10.0.0.1:7101:7201\"], or one string of them with commas",
            null,
            Readers.members());
    static final Setting<String> LISTEN = new Setting<>(
            ROOT + ".listen",
            "a host, or host:raft-port:client-port, with an IPv6 host in brackets. \"\" for the address in the list of members",
            "",
            Readers.anyText());
    static final Setting<Boolean> JOIN = new Setting<>(ROOT + ".join", "true or false", "false", Readers.bool());
    static final Setting<String> JOIN_TOKEN = new Setting<>(
            ROOT + ".join-token",
            "a token that \"holdfast members token\" printed. \"\" for none",
            "",
            Readers.joinToken());
    static final Setting<String> JOIN_TOKEN_FILE = file("join-token-file");
    static final Setting<Long> MAX_VOTERS = count("max-voters", "voters", 1, 9, "5");
    static final Setting<Boolean> REPLACE_LOST_DISK =
            new Setting<>(ROOT + ".replace-lost-disk", "true or false", "false", Readers.bool());
    static final Setting<Optional<Duration>> REPLACE_AFTER = new Setting<>(
            ROOT + ".replace-after",
            "never, or a duration from 10 s to 525600 min, with its unit: ms, s or min",
            "never",
            Readers.durationOrNever("10 s", "525600 min"));
    static final Setting<String> DATA = new Setting<>(
            ROOT + ".data",
            "a folder; one that is relative lies in the folder of the configuration file",
            null,
            Readers.text());
    static final Setting<String> CLUSTER_NAME = new Setting<>(
            ROOT + ".cluster-name", "1 to 64 letters, digits, '-', '_' and '.'", "holdfast", Readers.name());
    static final Setting<Long> GROUPS = count("groups", "groups", 1, KeyGroups.MAX, "1");
    static final Setting<Boolean> INSECURE =
            new Setting<>(ROOT + ".insecure", "true or false", "false", Readers.bool());
    static final Setting<String> SECRET_FILE = file("secret-file");
    static final TlsSettings MEMBERS_TLS = tls("tls.members");
    static final TlsSettings CLIENTS_TLS = tls("tls.clients");
    static final Setting<Boolean> CLIENTS_SAME =
            new Setting<>(ROOT + ".tls.clients.same", "true or false", "true", Readers.bool());
    static final Setting<Boolean> CLIENTS_REQUIRE_CERTIFICATE =
            new Setting<>(ROOT + ".tls.clients.require-certificate", "true or false", "false", Readers.bool());
    static final Setting<List<String>> TLS_PROTOCOLS = new Setting<>(
            ROOT + ".tls.protocols",
            "TLSv1.3, TLSv1.2, or both with a comma between them",
            "TLSv1.3",
            Readers.among("TLSv1.3", "TLSv1.2"));
    static final Setting<Boolean> ACCESS_REQUIRED =
            new Setting<>(ROOT + ".access.required", "true or false", "false", Readers.bool());
    static final Setting<List<String>> ADMINS = new Setting<>(
            ROOT + ".access.admins",
            "a list of principals, or one string of them with commas. \"\" for none",
            "",
            Readers.texts());
    static final Setting<String> TOKENS_FILE = file("access.tokens-file");
    static final Setting<String> JWKS = new Setting<>(
            ROOT + ".access.jwt.jwks",
            "an https URL, or a file; one that is relative lies in the folder of the configuration file. \"\" for none",
            "",
            Readers.anyText());
    static final Setting<String> JWT_ISSUER = text("access.jwt.issuer", "");
    static final Setting<String> JWT_AUDIENCE = text("access.jwt.audience", "");
    static final Setting<String> JWT_GROUPS_CLAIM = text("access.jwt.groups-claim", "groups");
    static final Setting<Duration> ELECTION_TIMEOUT_MIN = duration("election-timeout.min", "100 ms", "60 s", "500 ms");
    static final Setting<Duration> ELECTION_TIMEOUT_MAX = duration("election-timeout.max", "100 ms", "60 s", "1000 ms");
    static final Setting<Long> SNAPSHOT_EVERY = count("snapshot.every", "log entries", 100, 1_000_000_000, "100000");
    static final Setting<Long> SNAPSHOT_EVERY_BYTES = size("snapshot.every-bytes", "1 MiB", "64 GiB", "128 MiB");
    static final Setting<Long> LOG_KEPT = count("snapshot.log-kept", "log entries", 0, 1_000_000_000, "10000");
    static final Setting<Optional<HostPort>> HTTP_LISTEN = new Setting<>(
            ROOT + ".http.listen",
            "host:port, such as 127.0.0.1:7301, with an IPv6 host in brackets. \"\" for no HTTP",
            "",
            Readers.addressOrNone());
    static final Setting<LogFormat> LOG_FORMAT =
            new Setting<>(ROOT + ".log.format", "text or json", "text", Readers.oneOf(LogFormat.class));
    static final Setting<Optional<Duration>> LOG_SLOW = new Setting<>(
            ROOT + ".log.slow",
            "never, or a duration from 1 ms to 60 min, with its unit: ms, s or min",
            "1 s",
            Readers.durationOrNever("1 ms", "60 min"));
    static final Setting<Boolean> JMX = new Setting<>(ROOT + ".jmx", "true or false", "false", Readers.bool());
    static final Setting<Duration> DRAIN_TIMEOUT = duration("drain-timeout", "1 s", "10 min", "10 s");

    static final List<Setting<?>> ALL = List.of(
            MEMBERS_TLS.certificate,
            MEMBERS_TLS.key,
            MEMBERS_TLS.trust,
            MEMBERS_TLS.store,
            MEMBERS_TLS.storePasswordFile,
            CLIENTS_TLS.certificate,
            CLIENTS_TLS.key,
            CLIENTS_TLS.trust,
            CLIENTS_TLS.store,
            CLIENTS_TLS.storePasswordFile,
            CLIENTS_SAME,
            CLIENTS_REQUIRE_CERTIFICATE,
            TLS_PROTOCOLS,
            ACCESS_REQUIRED,
            ADMINS,
            TOKENS_FILE,
            JWKS,
            JWT_ISSUER,
            JWT_AUDIENCE,
            JWT_GROUPS_CLAIM,
            ID,
            MEMBERS,
            LISTEN,
            JOIN,
            JOIN_TOKEN,
            JOIN_TOKEN_FILE,
            MAX_VOTERS,
            REPLACE_LOST_DISK,
            REPLACE_AFTER,
            DATA,
            CLUSTER_NAME,
            GROUPS,
            INSECURE,
            SECRET_FILE,
            ELECTION_TIMEOUT_MIN,
            ELECTION_TIMEOUT_MAX,
            SNAPSHOT_EVERY,
            SNAPSHOT_EVERY_BYTES,
            LOG_KEPT,
            HTTP_LISTEN,
            LOG_FORMAT,
            LOG_SLOW,
            JMX,
            DRAIN_TIMEOUT);

    /** The key that looks most like that one. */
    static String nearest(String key) {
        return ALL.stream()
                .map(Setting::key)
                .min(Comparator.comparingInt(known -> distance(known, key)))
                .orElseThrow();
    }

    private static TlsSettings tls(String key) {
        return new TlsSettings(
                file(key + ".certificate"),
                file(key + ".key"),
                file(key + ".trust"),
                file(key + ".store"),
                file(key + ".store-password-file"));
    }

    private static Setting<String> file(String key) {
        return new Setting<>(
                ROOT + "." + key,
                "a file; one that is relative lies in the folder of the configuration file. \"\" for none",
                "",
                Readers.anyText());
    }

    private static Setting<String> text(String key, String standard) {
        return new Setting<>(ROOT + "." + key, "a text", standard, Readers.anyText());
    }

    private static Setting<Duration> duration(String key, String min, String max, String standard) {
        return new Setting<>(
                ROOT + "." + key,
                "a duration from " + min + " to " + max + ", with its unit: ms, s or min",
                standard,
                Readers.duration(min, max));
    }

    private static Setting<Long> size(String key, String min, String max, String standard) {
        return new Setting<>(
                ROOT + "." + key,
                "a size from " + min + " to " + max + ", with its unit: KiB, MiB or GiB",
                standard,
                Readers.size(min, max));
    }

    private static Setting<Long> count(String key, String what, long min, long max, String standard) {
        return new Setting<>(
                ROOT + "." + key,
                "a number of " + what + " from " + min + " to " + max,
                standard,
                Readers.number(min, max));
    }

    /** How many letters must be put in, left out or changed to make one of the other. */
    private static int distance(String from, String to) {
        int[] last = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] next = new int[to.length() + 1];
            next[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int change = last[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                next[j] = Math.min(change, Math.min(last[j], next[j - 1]) + 1);
            }
            last = next;
        }
        return last[to.length()];
    }

    private Settings() {}
}
