package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.transport.TransportException.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is known of one address. Guarded by its {@link Roster}'s lock. */
final class RosterEntry {
    private static final long FIRST_AWAY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long AWAY_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long AWAY_IF_NEVER_MET_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int DOUBLINGS_MAX = 8;
    private static final int GIVEN_UP_AFTER = 8;

    final HostPort address;

    /** Nothing has come of the latest attempt yet. */
    boolean trying;

    /** The cluster that its peer named last; {@code null} if there was none, or not the one that the user wants. */
    @Nullable
    ClusterIdentity said;

    /** Why the last attempt failed; {@code null} if it did not, or there was none. */
    @Nullable
    Ending failure;

    private int failures;
    private long failedAtNanos;

    RosterEntry(HostPort address) {
        this.address = address;
    }

    void failed(Ending why, long nowNanos) {
        failure = why;
        failures++;
        failedAtNanos = nowNanos;
    }

    void reached() {
        failure = null;
        failures = 0;
    }

    /**
     * Whether its last attempts failed not long ago, so that others are asked rather. What has never answered, as an address that means
     * something in another network only, is left alone for longer.
     */
    boolean isAway(long nowNanos) {
        long longest = said == null ? AWAY_IF_NEVER_MET_NANOS : AWAY_NANOS;
        return failure != null
                && nowNanos - failedAtNanos < Math.min(longest, FIRST_AWAY_NANOS << Math.min(failures, DOUBLINGS_MAX));
    }

    /** Whether it never answered, and was tried in vain so often that it is left alone unless a request needs it. */
    boolean isGivenUp() {
        return said == null && failures >= GIVEN_UP_AFTER;
    }

    boolean isSilent() {
        return said == null;
    }

    /** Whether it answered and nothing failed since. */
    boolean isAnswering() {
        return said != null && failure == null;
    }

    /** Whether it was reached last time and refused this client. */
    boolean isRefusing() {
        return failure != null && failure.isRefusal();
    }

    /** Whether that was since it does not know who this client is. */
    boolean isForbidding() {
        return failure != null && failure.unsent() == Kind.FORBIDDEN;
    }

    private String describe() {
        if (failure != null) {
            return failure.message();
        }
        return said == null ? address + " has not answered yet" : address + " belongs to " + said;
    }

    /** What came of each, for people to read. */
    static String describe(List<RosterEntry> entries) {
        return entries.stream().map(RosterEntry::describe).collect(Collectors.joining("; "));
    }

    /** Which clusters they named, and where, for people to read. */
    static String describeClusters(List<RosterEntry> entries) {
        Map<ClusterIdentity, String> addresses = new LinkedHashMap<>();
        for (RosterEntry entry : entries) {
            if (entry.said != null) {
                addresses.merge(entry.said, entry.address.toString(), (before, next) -> before + ", " + next);
            }
        }
        String each = addresses.entrySet().stream()
                .map(cluster -> cluster.getKey() + " at " + cluster.getValue())
                .collect(Collectors.joining(", and "));
        return (addresses.size() == 2 ? "two" : addresses.size()) + " clusters: " + each;
    }
}
