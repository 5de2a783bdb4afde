package dev.holdfast.node;

import dev.holdfast.client.remote.JoinTokenInfo;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChange.Action;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.remote.NotLeadingException;
import dev.holdfast.client.remote.PeerMembersRequest;
import dev.holdfast.client.remote.PeerStatus;
import dev.holdfast.client.remote.PeerStatusRequest;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.node.internal.membership.MemberControl;
import dev.holdfast.node.internal.membership.MemberList;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Who the members of the cluster are, and who is to be one. {@link HoldfastNode#membership()} has it; it works at any peer, and has whoever
 * leads the first group do what is asked.
 *
 * <p>A peer is its name and its data folder. One that was started with an empty folder and {@link HoldfastNodeBuilder#join}, or in place of
 * a member whose folder is lost, is a newcomer: it presents itself, and counts for nothing until it was {@linkplain #add added}, or
 * {@linkplain #replace replaces} the member of its name. It is brought up to date before it counts.
 *
 * <p>Each change is one step, which a majority of the voters that there were and one of those that there are now have on disk; one change is
 * made after the other. Asking again does no harm: what is so already is not done again. That is also the way to go on after
 * {@link MemberChangeException.Reason#NOT_CONFIRMED}. A change that was committed in the first group is completed in the others by their
 * leaders, whatever happens to whoever asked for it.
 *
 * <p>All methods may be called from any thread. They block, a change for 30 seconds at most unless another time is given.
 */
public final class Membership {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final MemberControl control;
    private final AuditedChanger changer;
    private final Function<LeaderHint, RemoteOptions> toLeader;

    /** @param toLeader how to talk to that leader's port for clients, as this member */
    Membership(MemberControl control, AuditedChanger changer, Function<LeaderHint, RemoteOptions> toLeader) {
        this.control = control;
        this.changer = changer;
        this.toLeader = toLeader;
    }

    /**
     * Voters, then listeners, then newcomers, as this peer knows them: it may be behind. Asks all of them how far they are, which takes up to
     * about a second if one does not answer.
     */
    public List<MemberStatus> list() throws InterruptedException {
        return MemberList.of(control).all();
    }

    /**
     * Asks those members for their status, all at once. Blocks for up to about two seconds. Who a member is is its name and its incarnation: the
     * newcomer that was started in place of a member whose folder is lost is another, though it has that one's name and address.
     *
     * @return what each has answered; those that have not are missing, and those at whose address another answers
     */
    public Map<MemberStatus, PeerStatus> statuses(Collection<MemberStatus> members) throws InterruptedException {
        Map<MemberStatus, PeerStatus> answers = new ConcurrentHashMap<>();
        List<Thread> asking = new ArrayList<>();
        for (MemberStatus member : members) {
            Thread thread = new Thread(() -> status(member).ifPresent(status -> answers.put(member, status)));
            thread.setName("holdfast-status-" + member.name());
            thread.setDaemon(true);
            thread.start();
            asking.add(thread);
        }
        for (Thread thread : asking) {
            thread.join();
        }
        return Map.copyOf(answers);
    }

    private Optional<PeerStatus> status(MemberStatus member) {
        RemoteOptions options = toLeader.apply(new LeaderHint(member.name(), member.clients()))
                .withConnectTimeout(STATUS_TIMEOUT)
                .withRequestTimeout(STATUS_TIMEOUT);
        try {
            return Optional.of(PeerStatusRequest.ask(member.clients(), options)).filter(status -> isOf(member, status));
        } catch (TransportException silent) {
            return Optional.empty();
        }
    }

    /** A peer of an older release does not say which incarnation it is. */
    private static boolean isOf(MemberStatus member, PeerStatus status) {
        return status.peerId().equals(member.name())
                && (status.incarnation().isEmpty() || status.incarnation().equals(member.incarnation()));
    }

    /**
     * Makes the newcomer of that name a member: a voter, or a listener if there are {@linkplain HoldfastNodeBuilder#maxVoters as many voters as there may be}.
     *
     * @throws MemberChangeException if it is refused
     */
    public MemberChangeResult add(String name) throws InterruptedException {
        return change(MemberChange.of(Action.ADD, name), TIMEOUT);
    }

    /**
     * Puts the newcomer of that name in the place of the member of that name, which is none from then on: its folder is of no use any more.
     *
     * @throws MemberChangeException if it is refused
     */
    public MemberChangeResult replace(String name) throws InterruptedException {
        return change(MemberChange.of(Action.REPLACE, name), TIMEOUT);
    }

    /**
     * Makes that member none any more. It stops by itself, once no group counts on it. If there were as many voters as there may be, a listener
     * that has kept up becomes one in its place.
     *
     * @param force whether to do it even if the cluster would then stop when one more voter is lost
     * @throws MemberChangeException if it is refused
     */
    public MemberChangeResult remove(String name, boolean force) throws InterruptedException {
        return change(new MemberChange(Action.REMOVE, name, force), TIMEOUT);
    }

    /**
     * Makes a listener a voter.
     *
     * @throws MemberChangeException if it is refused
     */
    public MemberChangeResult promote(String name) throws InterruptedException {
        return change(MemberChange.of(Action.PROMOTE, name), TIMEOUT);
    }

    /**
     * Makes a voter a listener, which has all that voters have but no vote.
     *
     * @param force whether to do it even if the cluster would then stop when one more voter is lost
     * @throws MemberChangeException if it is refused
     */
    public MemberChangeResult demote(String name, boolean force) throws InterruptedException {
        return change(new MemberChange(Action.DEMOTE, name, force), TIMEOUT);
    }

    /**
     * Makes that voter the leader of the first group. Leaders of several groups are spread over the voters, so with more groups than one it
     * may not last.
     *
     * @throws MemberChangeException if it is refused
     */
    public MemberChangeResult transferLeader(String name) throws InterruptedException {
        return change(MemberChange.of(Action.LEAD, name), TIMEOUT);
    }

    /**
     * Has that done by whoever leads.
     *
     * @throws MemberChangeException if it is refused, not confirmed, or no leader was found in time
     * @throws TransportException if the leader does not admit this peer
     */
    public MemberChangeResult change(MemberChange change, Duration timeout) throws InterruptedException {
        return atLeader(
                (as, left) -> changer.perform(as, "", change, left),
                (leader, left) -> PeerMembersRequest.change(leader.address(), toLeader.apply(leader), change, left),
                timeout);
    }

    /**
     * Makes a token by which one newcomer becomes a member by itself, once: {@link HoldfastNodeBuilder#joinToken}. Each call makes another.
     * The cluster keeps a hash of it only.
     *
     * @param name of the only member that it is to be good for; empty for any
     * @param validFor for how long it is to be good, in the cluster's own time, which stands still while it has no leader; 30 days at most
     * @throws MemberChangeException if it is refused, not confirmed, or no leader was found within 30 seconds
     * @throws TransportException if the leader does not admit this peer, or is too old
     */
    public String issueJoinToken(String name, Duration validFor) throws InterruptedException {
        return atLeader(
                (as, left) -> changer.issue(as, "", name, validFor).text(),
                (leader, left) ->
                        PeerMembersRequest.issueJoinToken(leader.address(), toLeader.apply(leader), name, validFor),
                TIMEOUT);
    }

    /**
     * Which join tokens there are, without what would let somebody in.
     *
     * @return those that have not expired, in no order; withdrawn ones and those that have let somebody in are among them
     * @throws MemberChangeException if it is refused, or no leader was found within 30 seconds
     * @throws TransportException if the leader does not admit this peer, or is too old
     */
    public List<JoinTokenInfo> joinTokens() throws InterruptedException {
        return atLeader(
                (as, left) -> changer.joinTokens(),
                (leader, left) -> PeerMembersRequest.joinTokens(leader.address(), toLeader.apply(leader)),
                TIMEOUT);
    }

    /**
     * Has a join token let nobody in any more. Doing so again does no harm. A newcomer that is being let in by it at that moment may become a
     * member all the same: the result says so.
     *
     * @param id of the token, as {@link JoinTokenInfo#id} says
     * @throws MemberChangeException if it is refused, not confirmed, or no leader was found within 30 seconds
     * @throws TransportException if the leader does not admit this peer, or is too old
     */
    public MemberChangeResult withdrawJoinToken(String id) throws InterruptedException {
        return atLeader(
                (as, left) -> changer.withdraw(as, "", id),
                (leader, left) -> PeerMembersRequest.withdrawJoinToken(leader.address(), toLeader.apply(leader), id),
                TIMEOUT);
    }

    /** What is asked of this peer, if it leads, or of another. */
    private interface Request<T, R> {
        R send(T to, Duration left) throws NotLeadingException, InterruptedException;
    }

    /** @param here gets the name of the principal that this peer is */
    private <R> R atLeader(Request<String, R> here, Request<LeaderHint, R> there, Duration timeout)
            throws InterruptedException {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        Throwable why = null;
        for (Duration left = timeout; !left.isNegative(); left = Duration.ofNanos(deadlineNanos - System.nanoTime())) {
            try {
                MemberControl.Group first = control.groups().get(0);
                if (first.leads()) {
                    return here.send(
                            Principal.member(control.self().id().name()).name(), left);
                }
                LeaderHint leader = first.leader();
                if (leader != null) {
                    return there.send(leader, left);
                }
            } catch (NotLeadingException e) {
                why = e;
            } catch (TransportException e) {
                if (!e.worthRetrying()) {
                    throw e;
                }
                why = e;
            }
            Thread.sleep(PAUSE.toMillis());
        }
        String message = "no leader of the cluster was found in time";
        throw why == null
                ? new MemberChangeException(MemberChangeException.Reason.NO_LEADER, message)
                : new MemberChangeException(
                        MemberChangeException.Reason.NO_LEADER, message + ": " + why.getMessage(), why);
    }
}
