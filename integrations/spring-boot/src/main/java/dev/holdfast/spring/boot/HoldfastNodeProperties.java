package dev.holdfast.spring.boot;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The embedded peer. What a peer's own configuration file has too, is called the same. A property that is not there is an error.
 *
 * @param id Which of the members this is.
 * @param members Initial members, the same for all, each as id=host:raft-port:client-port. Without any, the peer is a cluster of its own, on
 *     free ports of loopback.
 * @param listen Where the peer listens, if that is not where the others reach it: host, or host:raft-port:client-port.
 * @param data Folder of the log and the snapshots.
 * @param clusterName Name that all members share; "holdfast" if not given.
 * @param groups Over how many Raft groups the locks are spread; the same for all, and never changed.
 * @param join Whether the peer joins a cluster that there is, and never founds one.
 * @param joinToken Token that lets the peer in by itself, once.
 * @param maxVoters How many voters there are at most: 1 to 9; 5 if not given.
 * @param replaceLostDisk Whether a member with an emptied folder takes its place again by itself.
 * @param replaceAfter After which time a silent voter gives way to a listener: at least 10 s; never if not given.
 * @param insecure Whether addresses other than loopback are permitted without TLS.
 * @param secretFile File with the secret of the members.
 * @param tls What members talk to each other over, and to clients.
 * @param access How clients are known, and whether they must be.
 * @param electionTimeout How long a follower hears nothing before it stands for election.
 * @param snapshot How often the log is put into a snapshot.
 * @param slowThreshold From how long on something is logged as slow; zero for never; 1 s if not given.
 * @param stateBytesMax How much heap locks, sessions and waiters may take; two fifths of the heap if not given.
 * @param drainTimeout How long a stop may take: 1 s to 10 min.
 * @param onFailure What the application does when its peer has failed, as with a broken disk.
 */
@ConfigurationProperties(prefix = "holdfast.node", ignoreUnknownFields = false)
public record HoldfastNodeProperties(
        @Nullable String id,
        @Nullable List<String> members,
        @Nullable String listen,
        @Nullable String data,
        @Nullable String clusterName,
        @Nullable Integer groups,
        boolean join,
        @Nullable String joinToken,
        @Nullable Integer maxVoters,
        boolean replaceLostDisk,
        @Nullable Duration replaceAfter,
        boolean insecure,
        @Nullable String secretFile,
        @DefaultValue Tls tls,
        @DefaultValue Access access,
        @DefaultValue ElectionTimeout electionTimeout,
        @DefaultValue Snapshot snapshot,
        @Nullable Duration slowThreshold,
        @Nullable DataSize stateBytesMax,
        @DefaultValue("10s") Duration drainTimeout,
        @DefaultValue("report") OnFailure onFailure) {

    /** Checks how long a stop may take. */
    public HoldfastNodeProperties {
        Setting.within("holdfast.node.drain-timeout", drainTimeout, Duration.ofSeconds(1), Duration.ofMinutes(10));
    }

    /**
     * What members talk to each other over, and to clients.
     *
     * @param members This member's certificate, and the roots of the others.
     * @param clients Others for clients; those of the members if not given.
     * @param requireClientCertificate Whether a client must show a certificate.
     */
    public record Tls(
            @Nullable @NestedConfigurationProperty TlsProperties members,
            @Nullable @NestedConfigurationProperty TlsProperties clients,
            boolean requireClientCertificate) {}

    /**
     * How clients are known.
     *
     * @param required Whether a client has to prove who it is.
     * @param admins Principals that may do everything.
     * @param tokensFile File with the hashes of tokens.
     * @param jwt Which JWTs are accepted.
     */
    public record Access(
            boolean required,
            @Nullable List<String> admins,
            @Nullable String tokensFile,
            @Nullable Jwt jwt) {}

    /**
     * Which JWTs are accepted.
     *
     * @param jwks The keys: an https URL, or a file.
     * @param issuer The only issuer that is accepted.
     * @param audience What a token must be meant for.
     * @param groupsClaim Claim with the groups of a principal.
     */
    public record Jwt(
            @Nullable String jwks,
            @Nullable String issuer,
            @Nullable String audience,
            @DefaultValue("groups") String groupsClaim) {}

    /**
     * How long a follower hears nothing before it stands for election.
     *
     * @param min At least: 100 ms to 60 s; 500 ms if not given.
     * @param max At most: 100 ms to 60 s, more than the minimum; 1000 ms if not given.
     */
    public record ElectionTimeout(
            @Nullable Duration min, @Nullable Duration max) {}

    /**
     * How often the log is put into a snapshot.
     *
     * @param every Entries of the log between two snapshots, at most; 100000 if not given.
     * @param everyBytes Bytes of the log between two snapshots, at most; 128 MB if not given.
     * @param logKept Entries that stay in the log behind a snapshot; 10000 if not given.
     */
    public record Snapshot(
            @Nullable Long every,
            @Nullable DataSize everyBytes,
            @Nullable Long logKept) {}

    /** What the application does when its peer has failed. */
    public enum OnFailure {
        /** It goes on without. Its health is down, and says why; every operation fails. */
        REPORT,
        /** It closes its context, as a SIGTERM would, and the process ends with the exit code 1. */
        CLOSE_APPLICATION
    }

    /** Without the join token. */
    @Override
    public String toString() {
        return "HoldfastNodeProperties[id=" + id + ", members=" + members + ", data=" + data + "]";
    }
}
