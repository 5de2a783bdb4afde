package dev.holdfast.spring.boot;

import dev.holdfast.client.tls.Tls;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.HoldfastNodeBuilder;
import dev.holdfast.node.Member;
import dev.holdfast.node.RaftSettings;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.access.JwtOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the embedded peer is built. */
final class NodeSettings {
    private static final String PREFIX = "holdfast.node.";
    private static final Duration ELECTION_MIN = Duration.ofMillis(100);
    private static final Duration ELECTION_MAX = Duration.ofSeconds(60);

    private final HoldfastNodeProperties properties;

    NodeSettings(HoldfastNodeProperties properties) {
        this.properties = properties;
    }

    HoldfastNodeBuilder builder() {
        String data = properties.data();
        if (data == null) {
            throw Setting.missing(
                    "holdfast.node.data is missing: the log of the embedded peer must outlive the process",
                    "Set holdfast.node.data to a folder on a disk that stays, which no other peer uses.");
        }
        List<Member> members = members();
        if (members.isEmpty()) {
            refuseWithoutMembers();
        }
        HoldfastNodeBuilder builder = HoldfastNode.builder()
                .dataFolder(Setting.path(PREFIX + "data", data))
                .members(members)
                .ratis(ratis())
                .replaceLostDisk(properties.replaceLostDisk())
                .access(access());
        checkId(members);
        set(builder, "id", properties.id(), HoldfastNodeBuilder::id);
        set(builder, "listen", properties.listen(), HoldfastNodeBuilder::listen);
        set(builder, "cluster-name", properties.clusterName(), HoldfastNodeBuilder::clusterName);
        set(builder, "groups", properties.groups(), HoldfastNodeBuilder::groups);
        set(builder, "max-voters", properties.maxVoters(), HoldfastNodeBuilder::maxVoters);
        set(builder, "replace-after", properties.replaceAfter(), HoldfastNodeBuilder::replaceAfter);
        set(builder, "slow-threshold", properties.slowThreshold(), HoldfastNodeBuilder::slowThreshold);
        set(builder, "state-bytes-max", properties.stateBytesMax(), (to, size) -> to.stateBytesMax(size.toBytes()));
        set(builder, "secret-file", properties.secretFile(), (to, file) -> to.secretFile(Path.of(file)));
        if (properties.join()) {
            builder.join();
        }
        joinToken(builder, properties.joinToken());
        if (properties.insecure()) {
            builder.insecure();
        }
        secure(builder);
        return builder;
    }

    private static <V> void set(
            HoldfastNodeBuilder builder,
            String name,
            @Nullable V value,
            Setting.Setter<HoldfastNodeBuilder, V> setter) {
        Setting.apply(builder, PREFIX + name, value, setter);
    }

    private List<Member> members() {
        List<String> members = properties.members();
        return members == null
                ? List.of()
                : members.stream()
                        .map(each -> Setting.convert(PREFIX + "members", each.strip(), Member::parse))
                        .toList();
    }

    /** Else each instance would be a cluster of its own, and all of them would have the same lock at the same time. */
    private void refuseWithoutMembers() {
        List<String> set = new ArrayList<>();
        if (properties.id() != null) {
            set.add(PREFIX + "id");
        }
        if (properties.listen() != null) {
            set.add(PREFIX + "listen");
        }
        if (properties.secretFile() != null) {
            set.add(PREFIX + "secret-file");
        }
        if (properties.tls().members() != null) {
            set.add(PREFIX + "tls.members");
        }
        if (!set.isEmpty()) {
            throw Setting.missing(
                    "holdfast.node.members is missing, but what only a peer with others has is set: "
                            + String.join(", ", set),
                    "Set holdfast.node.members to all initial members, the same in each instance; or remove"
                            + " the others for a cluster of one, whose locks no other instance shares.");
        }
    }

    private void checkId(List<Member> members) {
        String id = properties.id();
        String ids = String.join(", ", members.stream().map(Member::id).toList());
        if (id == null && members.size() > 1) {
            throw Setting.missing(
                    "holdfast.node.id is missing: which of the members " + ids + " is this application's peer?",
                    "Set holdfast.node.id to one of them, another in each instance.");
        }
        if (id != null
                && !members.isEmpty()
                && members.stream().noneMatch(each -> each.id().equals(id))) {
            throw Setting.missing(
                    "holdfast.node.id is '" + id + "', which is none of holdfast.node.members: " + ids,
                    "Set holdfast.node.id to one of them, another in each instance.");
        }
    }

    /** Its value is a secret, and not shown. */
    private static void joinToken(HoldfastNodeBuilder builder, @Nullable String token) {
        if (token == null) {
            return;
        }
        try {
            builder.joinToken(token);
        } catch (IllegalArgumentException e) {
            throw new HoldfastStartException(
                    "holdfast.node.join-token is no token of 'holdfast members token'",
                    "Correct or remove holdfast.node.join-token.",
                    null);
        }
    }

    private void secure(HoldfastNodeBuilder builder) {
        HoldfastNodeProperties.Tls tls = properties.tls();
        Tls members = TlsFiles.of(PREFIX + "tls.members", tls.members());
        if (members != null) {
            builder.membersTls(members);
        }
        Tls clients = tls.clients() == null ? members : TlsFiles.of(PREFIX + "tls.clients", tls.clients());
        if (clients != null) {
            builder.clientsTls(clients);
        }
        if (tls.requireClientCertificate()) {
            builder.requireClientCertificate();
        }
    }

    private AccessOptions access() {
        HoldfastNodeProperties.Access access = properties.access();
        AccessOptions options = access.required() ? AccessOptions.closed() : AccessOptions.open();
        options = Setting.apply(
                options,
                PREFIX + "access.admins",
                access.admins(),
                (to, admins) -> to.withAdmins(admins.toArray(String[]::new)));
        String tokens = access.tokensFile();
        if (tokens != null) {
            options = options.withTokensFile(Setting.path(PREFIX + "access.tokens-file", tokens));
        }
        HoldfastNodeProperties.Jwt jwt = access.jwt();
        return jwt == null ? options : options.withJwt(jwt(jwt));
    }

    private static JwtOptions jwt(HoldfastNodeProperties.Jwt jwt) {
        String jwks = jwt.jwks();
        String issuer = jwt.issuer();
        String audience = jwt.audience();
        if (jwks == null || issuer == null || audience == null) {
            throw Setting.missing(
                    "holdfast.node.access.jwt has not all of jwks, issuer and audience",
                    "Set all three, or remove holdfast.node.access.jwt.");
        }
        return Setting.convert(
                PREFIX + "access.jwt",
                jwks,
                keys -> JwtOptions.of(keys, issuer, audience).withGroupsClaim(jwt.groupsClaim()));
    }

    private RaftSettings ratis() {
        RaftSettings defaults = RaftSettings.DEFAULT;
        Duration min = properties.electionTimeout().min();
        Duration max = properties.electionTimeout().max();
        int minMs = min == null ? defaults.electionTimeoutMinMs() : election("min", min);
        int maxMs = max == null ? defaults.electionTimeoutMaxMs() : election("max", max);
        if (minMs >= maxMs) {
            throw Setting.missing(
                    "holdfast.node.election-timeout.min, " + minMs + " ms, is not less than .max, " + maxMs + " ms",
                    "Set a maximum that is larger than the minimum.");
        }
        HoldfastNodeProperties.Snapshot snapshot = properties.snapshot();
        Long every = snapshot.every();
        Long kept = snapshot.logKept();
        long entries = every == null
                ? defaults.snapshotEvery()
                : Setting.convert(PREFIX + "snapshot.every", every, value -> inRange(value, 100, 1_000_000_000));
        long logKept = kept == null
                ? defaults.logKept()
                : Setting.convert(PREFIX + "snapshot.log-kept", kept, value -> inRange(value, 0, 1_000_000_000));
        RaftSettings settings = defaults.electionTimeouts(minMs, maxMs).snapshots(entries, logKept);
        return Setting.apply(
                settings,
                PREFIX + "snapshot.every-bytes",
                snapshot.everyBytes(),
                (to, size) -> to.snapshotBytes(inRange(size.toBytes(), 1 << 20, 64L << 30)));
    }

    private static int election(String name, Duration value) {
        return Setting.convert(PREFIX + "election-timeout." + name, value, given -> {
            if (given.compareTo(ELECTION_MIN) < 0 || given.compareTo(ELECTION_MAX) > 0) {
                throw new IllegalArgumentException("allowed are 100 ms to 60 s");
            }
            return (int) given.toMillis();
        });
    }

    private static long inRange(long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("allowed are " + min + " to " + max);
        }
        return value;
    }
}
