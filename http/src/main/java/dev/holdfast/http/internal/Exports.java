package dev.holdfast.http.internal;

import static dev.holdfast.http.internal.Export.Kind.COUNTER;
import static dev.holdfast.http.internal.Export.Kind.GAUGE;
import static dev.holdfast.http.internal.Export.Kind.STATE;
import static dev.holdfast.http.internal.Export.Kind.SUMMARY;

import java.util.List;

/** How each metric of a node, of its own client and of Ratis looks to Prometheus. */
final class Exports {
    private static final double MILLIS = 1e-3;
    private static final double NANOS = 1e-9;
    private static final double DAYS = 86_400;
    private static final String NODE = "holdfast.node.";
    private static final String CLIENT = "holdfast.client.";
    private static final String RAFT = "holdfast.raft.group.{group}.";
    private static final String APPLIED = " Every peer counts what it applies: look at one, or at their largest.";

    /** The first that matches counts. */
    static final List<Export> ALL = List.of(
            node(COUNTER, "granted", "granted", "Acquires granted, at once or after a wait." + APPLIED),
            node(COUNTER, "refused", "refused", "Acquires refused: held, and the caller would not wait." + APPLIED),
            node(COUNTER, "queued", "queued", "Acquires that had to wait." + APPLIED),
            node(COUNTER, "waits.timed-out", "waits_timed_out", "Waits that ended without a grant." + APPLIED),
            node(COUNTER, "released", "released", "Releases that took effect." + APPLIED),
            node(COUNTER, "holds.expired", "holds_expired", "Holds whose lease ran out." + APPLIED),
            node(COUNTER, "holds.forced", "holds_forced", "Holds ended by a forced release." + APPLIED),
            node(COUNTER, "sessions.opened", "sessions_opened", "Sessions opened." + APPLIED),
            node(COUNTER, "sessions.ended", "sessions_ended", "Sessions ended." + APPLIED),
            node(GAUGE, "holds", "holds", "Holds there are."),
            node(GAUGE, "waiters", "waiters", "Acquires that wait."),
            node(GAUGE, "sessions", "sessions", "Sessions that are open."),
            node(GAUGE, "sessions.by-principal", "principal_sessions", "Open sessions by principal, at the leader.")
                    .keyedBy("principal"),
            node(
                            GAUGE,
                            "longest-wait",
                            "longest_wait_seconds",
                            "How long the one who waits longest has waited, at the leader.")
                    .times(MILLIS),
            node(GAUGE, "clients", "clients", "Clients connected to this peer."),
            node(GAUGE, "state.bytes", "state_bytes", "About how much heap the locks take; an upper estimate."),
            node(
                    GAUGE,
                    "state.bytes-max",
                    "state_limit_bytes",
                    "Where requests that add to that are rejected; 0 for no bound."),
            node(GAUGE, "limits.used", "limit_used_ratio", "How much of a limit is used, from 0 to 1.")
                    .keyedBy("limit"),
            node(
                    GAUGE,
                    "log.index",
                    "log_index",
                    "The last command that this peer has applied; the sum over its groups."),
            node(GAUGE, "group.{group}.term", "group_term", "The Raft term."),
            node(GAUGE, "group.{group}.last-index", "log_last_index", "The last entry in this peer's log."),
            node(
                    GAUGE,
                    "group.{group}.committed-index",
                    "log_committed_index",
                    "The last that it knows to be committed."),
            node(GAUGE, "group.{group}.applied-index", "log_applied_index", "The last that it has applied."),
            node(
                    GAUGE,
                    "group.{group}.lag",
                    "lag_entries",
                    "Entries that this peer is behind its leader; -1 if it is not known."),
            node(
                    GAUGE,
                    "group.{group}.lag-bytes",
                    "lag_bytes",
                    "About how many bytes of log that is; -1 if it is not known."),
            node(
                    GAUGE,
                    "group.{group}.snapshot.age",
                    "snapshot_age_seconds",
                    "Age of the newest snapshot; -1 if there is none."),
            node(GAUGE, "group.{group}.snapshot.bytes", "snapshot_bytes", "Size of the newest snapshot."),
            node(STATE, "group.{group}.state", "group_state", "What this peer is in the group.")
                    .oneOf("leader", "follower", "candidate", "none"),
            node(GAUGE, "leader", "groups_led", "Groups that this peer leads."),
            node(COUNTER, "leader.changes", "leader_changes", "How often this peer began to lead."),
            node(
                    COUNTER,
                    "snapshots.installed",
                    "snapshots_installed",
                    "Snapshots that this peer was sent, as it was far behind."),
            node(COUNTER, "denied.{port}.{reason}", "denied", "Attempts that were refused at a port."),
            node(
                    GAUGE,
                    "disk.free-bytes",
                    "disk_free_bytes",
                    "What is left on the disk of the data folder; -1 if it is not known."),
            node(GAUGE, "certificates.days-left", "certificates_left_seconds", "Until the first certificate expires.")
                    .times(DAYS),
            node(SUMMARY, "batch.size", "batch_commands", "Commands in a log entry."),
            node(SUMMARY, "apply.time", "apply_seconds", "Applying one log entry.")
                    .times(NANOS),
            node(SUMMARY, "wait.time", "wait_seconds", "How long acquires that were granted after a wait had waited.")
                    .times(NANOS),
            node(
                            SUMMARY,
                            "queue.time",
                            "queue_seconds",
                            "How long a batch waited at the leader until it entered the log.")
                    .times(NANOS),
            node(
                            SUMMARY,
                            "log.time",
                            "log_seconds",
                            "How long it took from then until it was on a majority's disks and applied.")
                    .times(NANOS),
            node(SUMMARY, "snapshot.time", "snapshot_write_seconds", "Writing a snapshot and reading it back.")
                    .times(NANOS),
            raft(SUMMARY, "log_worker.syncTime", "fsync_seconds", "Writing the log through to the disk.")
                    .times(NANOS),
            raft(COUNTER, "leader_election.electionCount", "elections", "Elections for which this peer stood."),
            raft(
                    COUNTER,
                    "leader_election.timeoutCount",
                    "election_timeouts",
                    "How often this peer heard nothing of a leader for too long."),
            raft(
                    COUNTER,
                    "leader_election.transferLeadershipCount",
                    "leadership_transfers",
                    "Hand-overs of the leadership."),
            raft(
                    GAUGE,
                    "log_appender.follower_{follower}_match_index",
                    "follower_match_index",
                    "The last entry that the follower has, at the leader."),
            raft(
                    GAUGE,
                    "log_appender.follower_{follower}_next_index",
                    "follower_next_index",
                    "The next entry that the follower is sent."),
            raft(
                            GAUGE,
                            "log_appender.follower_{follower}_rpc_response_time",
                            "follower_response_seconds",
                            "Since the follower answered last.")
                    .times(MILLIS),
            raft(
                            GAUGE,
                            "server.{follower}_lastHeartbeatElapsedTime",
                            "follower_heartbeat_seconds",
                            "Since the leader's heartbeat to the follower was answered.")
                    .times(NANOS),
            raft(
                    GAUGE,
                    "server.{follower}_peerCommitIndex",
                    "follower_committed_index",
                    "What the follower knows to be committed, at the leader."),
            client(COUNTER, "acquire.attempts", "acquire_attempts", "Acquires begun."),
            client(COUNTER, "acquire.granted", "acquires_granted", "Acquires granted, at once or after a wait."),
            client(COUNTER, "acquire.refused", "acquires_refused", "Acquires refused without waiting."),
            client(COUNTER, "acquire.queued", "acquires_queued", "Acquires that had to wait."),
            client(COUNTER, "acquire.timed-out", "acquires_timed_out", "Acquires whose wait ran out."),
            client(COUNTER, "acquire.failed", "acquires_failed", "Acquires that failed, or were given up."),
            client(
                            SUMMARY,
                            "acquire.time",
                            "acquire_seconds",
                            "From the start of an acquire to its end, waits included.")
                    .times(NANOS),
            client(SUMMARY, "wait.time", "wait_seconds", "How long acquires waited that had to.")
                    .times(NANOS),
            client(GAUGE, "waiting", "waiting", "Acquires that wait now."),
            client(GAUGE, "holds", "holds", "Holds that the client believes in now."),
            client(COUNTER, "holds.lost", "holds_lost", "Holds lost."),
            client(SUMMARY, "batch.size", "batch_commands", "Commands in a batch."),
            client(COUNTER, "retries", "retries", "Attempts that failed and were repeated."),
            client(COUNTER, "sessions.lost", "sessions_lost", "Sessions lost."));

    private static Export node(Export.Kind kind, String template, String name, String help) {
        return Export.of(kind, NODE + template, "holdfast_" + name, help);
    }

    private static Export client(Export.Kind kind, String template, String name, String help) {
        return Export.of(kind, CLIENT + template, "holdfast_client_" + name, help + " Of callers in this JVM.");
    }

    private static Export raft(Export.Kind kind, String template, String name, String help) {
        return Export.of(kind, RAFT + template, "holdfast_" + name, help);
    }

    private Exports() {}
}
