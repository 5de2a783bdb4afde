package dev.holdfast.server.config;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.node.Member;
import dev.holdfast.node.access.AccessOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a peer that runs as its own process. {@code config/all-settings.conf} documents each of these.
 *
 * @param id this peer's id, one of the members'
 * @param members the initial members, the same for each of them; of a peer that joins, itself and where to find others
 * @param listen where it listens, as {@link Member#at} reads it; empty for the address in the list of members
 * @param join whether it joins a cluster that there is, and never founds one
 * @param membership how members come and go by themselves
 * @param data the folder of this peer's log and snapshots, absolute
 * @param clusterName the name that all members share
 * @param groups over how many Raft groups the locks are spread
 * @param insecure whether members at other than loopback addresses are permitted
 * @param secretFile the file with the members' secret, absolute; {@code null} if none was given
 * @param membersTls what members talk to each other over; {@code null} for no TLS
 * @param clientsTls what they talk to clients over; {@code null} for no TLS
 * @param requireClientCertificate whether clients must show a certificate
 * @param access how clients are known
 * @param electionTimeoutMin how long a follower hears nothing before it stands for election, at least
 * @param electionTimeoutMax and at most
 * @param snapshotEvery how many log entries between two snapshots
 * @param snapshotEveryBytes how many bytes of log between two snapshots
 * @param logKept how many entries stay in the log behind a snapshot
 * @param http where it serves its health and metrics over HTTP; {@code null} for nowhere
 * @param logFormat how lines of the log look
 * @param slowThreshold from how long on something is logged as slow; zero for never
 * @param jmx whether the metrics are shown over JMX
 * @param drainTimeout how long a stop may take
 */
public record NodeConfig(
        String id,
        List<Member> members,
        String listen,
        boolean join,
        MembersConfig membership,
        Path data,
        String clusterName,
        int groups,
        boolean insecure,
        @Nullable Path secretFile,
        @Nullable Tls membersTls,
        @Nullable Tls clientsTls,
        boolean requireClientCertificate,
        AccessOptions access,
        Duration electionTimeoutMin,
        Duration electionTimeoutMax,
        long snapshotEvery,
        long snapshotEveryBytes,
        long logKept,
        @Nullable HostPort http,
        LogFormat logFormat,
        Duration slowThreshold,
        boolean jmx,
        Duration drainTimeout) {

    public NodeConfig {
        members = List.copyOf(members);
    }
}
