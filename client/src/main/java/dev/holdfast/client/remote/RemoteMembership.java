package dev.holdfast.client.remote;

import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who the members of a cluster are, asked and changed through any of its peers. Any thread may call any method. */
public final class RemoteMembership {
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final List<HostPort> peers;
    private final RemoteOptions options;

    /**
     * @param peers at least one; the first is asked first
     * @param options with the name of the cluster, peers of others are refused
     */
    public RemoteMembership(List<HostPort> peers, RemoteOptions options) {
        this.peers = List.copyOf(peers);
        this.options = options;
    }

    /**
     * What the first peer says that answers. Blocks, for each peer as long as the connect timeout and the request timeout
     * together.
     *
     * @throws TransportException if none answers, or what was given does not let this client in, or is another cluster's
     */
    public PeerMembersRequest.Answer members() {
        TransportException last = new TransportException(Kind.UNREACHABLE, "there is no peer to ask");
        for (HostPort peer : peers) {
            try {
                return membersAt(peer);
            } catch (TransportException e) {
                if (!e.worthRetrying()) {
                    throw e;
                }
                last = e;
            }
        }
        throw last;
    }

    private PeerMembersRequest.Answer membersAt(HostPort peer) {
        PeerMembersRequest.Answer answer = PeerMembersRequest.members(peer, options);
        if (!options.clusterName().isEmpty() && !answer.clusterName().equals(options.clusterName())) {
            throw new TransportException(
                    Kind.REFUSED,
                    peer + " belongs to '" + answer.clusterName() + "', not to the cluster '" + options.clusterName()
                            + "'");
        }
        return answer;
    }

    /**
     * Has it done by whoever leads. Blocks until it is done or refused, or the time is up. It is asked for again when a connection
     * breaks or the leader changes, which does no harm.
     *
     * @throws MemberChangeException if it is refused, or no leader was found in time
     * @throws TransportException if it is forbidden, or the peers are another cluster's
     */
    public MemberChangeResult change(MemberChange change, Duration timeout) throws InterruptedException {
        return atLeader((peer, left) -> PeerMembersRequest.change(peer, options, change, left), timeout);
    }

    /**
     * Has whoever leads make a join token, by which one newcomer becomes a member by itself. Blocks until it is made or refused, or the time
     * is up. When a connection breaks, another is made: what is left of the first is a token that nobody knows.
     *
     * @param name of the only member that it is to be good for; empty for any
     * @param validFor for how long it is to be good
     * @throws MemberChangeException if it is refused, or no leader was found in time
     * @throws TransportException if it is forbidden, or the peers are another cluster's or too old
     */
    public String issueJoinToken(String name, Duration validFor, Duration timeout) throws InterruptedException {
        return atLeader((peer, left) -> PeerMembersRequest.issueJoinToken(peer, options, name, validFor), timeout);
    }

    /**
     * Which join tokens there are, as whoever leads says. Blocks until it has answered, or the time is up.
     *
     * @return those that have not expired, in no order; withdrawn ones and those that have let somebody in are among them
     * @throws MemberChangeException if it is refused, or no leader was found in time
     * @throws TransportException if it is forbidden, or the peers are another cluster's or too old
     */
    public List<JoinTokenInfo> joinTokens(Duration timeout) throws InterruptedException {
        return atLeader((peer, left) -> PeerMembersRequest.joinTokens(peer, options), timeout);
    }

    /**
     * Has a join token let nobody in any more. Blocks until it is done or refused, or the time is up. It is asked for again when a connection
     * breaks or the leader changes, which does no harm. A newcomer that is being let in by it at that moment may become a member all the
     * same: the result says so.
     *
     * @param id of the token, as {@link JoinTokenInfo#id} says
     * @throws MemberChangeException if it is refused, or no leader was found in time
     * @throws TransportException if it is forbidden, or the peers are another cluster's or too old
     */
    public MemberChangeResult withdrawJoinToken(String id, Duration timeout) throws InterruptedException {
        return atLeader((peer, left) -> PeerMembersRequest.withdrawJoinToken(peer, options, id), timeout);
    }

    private interface Request<R> {
        R send(HostPort peer, Duration left) throws NotLeadingException;
    }

    private <R> R atLeader(Request<R> request, Duration timeout) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        Deque<HostPort> next = new ArrayDeque<>(peers);
        Set<HostPort> asked = new HashSet<>();
        Throwable why = null;
        for (Duration left = timeout; !left.isNegative(); left = left(deadlineNanos)) {
            HostPort peer = next.poll();
            if (peer == null) {
                Thread.sleep(PAUSE.toMillis());
                next.addAll(peers);
                asked.clear();
                continue;
            }
            asked.add(peer);
            try {
                if (!options.clusterName().isEmpty()) {
                    var unused = membersAt(peer);
                }
                return request.send(peer, left);
            } catch (NotLeadingException e) {
                why = e;
                LeaderHint leader = e.leader();
                if (leader != null && !asked.contains(leader.address())) {
                    next.remove(leader.address());
                    next.addFirst(leader.address());
                }
            } catch (TransportException e) {
                if (!e.worthRetrying()) {
                    throw e;
                }
                why = e;
            }
        }
        throw noLeader(why);
    }

    private static Duration left(long deadlineNanos) {
        return Duration.ofNanos(deadlineNanos - System.nanoTime());
    }

    private MemberChangeException noLeader(@Nullable Throwable why) {
        String message = "no leader of the cluster at " + peers + " answered in time";
        return why == null
                ? new MemberChangeException(MemberChangeException.Reason.NO_LEADER, message)
                : new MemberChangeException(
                        MemberChangeException.Reason.NO_LEADER, message + ": " + why.getMessage(), why);
    }
}
