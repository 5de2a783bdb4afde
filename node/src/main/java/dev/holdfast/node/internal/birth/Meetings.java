package dev.holdfast.node.internal.birth;

import dev.holdfast.client.time.Timers;
import dev.holdfast.node.internal.membership.JoinSecret;
import dev.holdfast.node.internal.membership.Meeting;
import dev.holdfast.node.internal.membership.Newcomer;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.transport.FrameKind;
import dev.holdfast.node.internal.transport.Reason;
import dev.holdfast.node.internal.transport.RefusedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer meets the others, for as long as it runs: it asks each who it is, now and then, and says who it is itself.
 *
 * <ul>
 *   <li>Without a cluster it looks for one. If one of the others has one, the peer belongs to it: as one of those with which it began, or as
 *       a newcomer, which does nothing by itself. If none has, the first of the initial members calls all others; and if each answers,
 *       it founds the cluster. What it writes is what the others take when they meet it again. One that is alone in its list waits
 *       for some seconds first: it may have lost the folder of a cluster that has grown, of whose members it hears then.
 *   <li>With a cluster, it learns where the others are, who wants to become a member, and whether it was replaced itself.
 * </ul>
 *
 * <p>Why there is never a second cluster, and what a birth needs: {@code Birth.tla}, and docs/adr/016-incarnations.md.
 */
public final class Meetings implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Meetings.class);

    private static final long BEFORE_BIRTH_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long NEWCOMER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MEMBER_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Longer than it takes others to meet a member that is up again. */
    private static final long ALONE_NANOS = TimeUnit.SECONDS.toNanos(4);

    private static final long SAYS_SO_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long SAYS_SO_NANOS_MAX = TimeUnit.MINUTES.toNanos(5);
    private static final long COMPLAINED_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long HEARD_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FAREWELL_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** This peer, and what becomes of it. Thread-safe. */
    public interface Self {
        /** What it says of itself to the member of that name. */
        Meeting introduction(String to);

        /** By which it would like to become a member of the cluster to which it has come; {@code null} if it is one, or has none. */
        default @Nullable JoinSecret joinToken() {
            return null;
        }

        /** Whom it is to meet: the members, and those of its list; without itself. */
        Collection<String> others();

        /** The names of the initial members, itself among them; none if it joins what is there. */
        Set<String> initial();

        /** Whether its cluster's configuration names it. */
        boolean isNamed();

        /**
         * The index of the newest configuration in its log, settled or not, and -1 if there is none; empty if it was never a member, so
         * that it cannot have been removed.
         */
        OptionalLong newestConfiguration();

        /** Whether the call that it answered last, if any, was not that one's. */
        boolean answeredAnother(PeerId convener);

        /** Answers that one's call; on the disk when it returns. */
        void answer(PeerId convener) throws IOException;

        /**
         * It has a cluster from now on; on the disk when it returns.
         *
         * @param founders with which the cluster began; none if it is a newcomer
         */
        void belongTo(UUID cluster, List<Peer> founders) throws IOException;

        /** Somebody who is not of its list, or cluster, takes it for one of the same. */
        void stranger(UUID other, boolean formed);

        /** A peer has said who and where it is. It may be anybody with the secret or a certificate. */
        void met(Meeting meeting);

        /** Why a peer of that release cannot be of this cluster, and what to do; {@code null} if it can. */
        @Nullable
        String complaint(Meeting meeting);

        /** It is a member no more: another has its place. */
        void replacedBy(String named);

        void failed(Throwable cause);
    }

    /** How others are asked. */
    public interface Questions {
        /** Asks the member of that name; as {@code Link.ask}, but fails as well if it is not known where that member is. */
        CompletableFuture<byte[]> ask(FrameKind question, String other, byte[] body);
    }

    private record Heard(Peer peer, String release, String tokenHash, long atNanos) {}

    private final PeerId id;
    private final Self self;
    private final Questions questions;
    private final Timers timers;
    private final Executor background;

    /** Held while this peer decides about its cluster. */
    private final ReentrantLock deciding = new ReentrantLock();

    private final Map<PeerId, Heard> newcomers = new ConcurrentHashMap<>();
    private final Map<String, Meeting> answers = new ConcurrentHashMap<>();
    private final AtomicLong complainedNanos;
    private final long begunNanos;

    /** The following are of one round after the other. */
    private long saidNanos;

    private long sayAgainNanos = SAYS_SO_NANOS;
    private volatile boolean closed;

    /** @param background where it writes to the disk */
    public Meetings(PeerId id, Self self, Questions questions, Timers timers, Executor background) {
        this.id = id;
        this.self = self;
        this.questions = questions;
        this.timers = timers;
        this.background = background;
        this.begunNanos = timers.nanoTime();
        this.saidNanos = begunNanos;
        this.complainedNanos = new AtomicLong(saidNanos - COMPLAINED_AGAIN_NANOS);
    }

    /** Begins to meet the others. */
    public void start() {
        timers.schedule(this::round, 0);
    }

    private void round() {
        if (closed) {
            return;
        }
        Collection<String> others = self.others();
        List<CompletableFuture<Boolean>> asked = new ArrayList<>();
        for (String other : others) {
            // Else this round would be the last, without a word.
            asked.add(meet(other).exceptionally(unforeseen -> {
                self.failed(unforeseen);
                return false;
            }));
        }
        CompletableFuture.allOf(asked.toArray(new CompletableFuture<?>[0])).whenComplete((all, failure) -> {
            boolean allAnswered = asked.stream().allMatch(CompletableFuture::join);
            if (allAnswered && mayConvene()) {
                convene();
            } else {
                again();
            }
        });
        saySo();
    }

    private void again() {
        boolean isBorn = introduction().isBorn();
        long pause = !isBorn ? BEFORE_BIRTH_NANOS : self.isNamed() ? MEMBER_NANOS : NEWCOMER_NANOS;
        timers.schedule(this::round, pause);
    }

    private Meeting introduction() {
        return self.introduction(id.name());
    }

    /**
     * Tells all others who this peer is, and blocks until each has answered, or some seconds are over. Whoever does not is asked again
     * meanwhile: it may be about to start, and where a connection was refused a moment ago, the next is not tried at once.
     */
    public void meetAll() {
        List<CompletableFuture<Void>> told = new ArrayList<>();
        for (String other : self.others()) {
            CompletableFuture<Void> each = new CompletableFuture<>();
            // By a clock that runs even if this peer's timers do not any more.
            each.completeOnTimeout(null, FAREWELL_NANOS, TimeUnit.NANOSECONDS);
            told.add(each);
            tell(other, each);
        }
        CompletableFuture.allOf(told.toArray(new CompletableFuture<?>[0])).join();
    }

    private void tell(String other, CompletableFuture<Void> told) {
        ask(FrameKind.MEET, other).whenComplete((answer, failure) -> {
            if (failure == null) {
                told.complete(null);
            } else if (!told.isDone()) {
                timers.schedule(() -> tell(other, told), BEFORE_BIRTH_NANOS);
            }
        });
    }

    private CompletableFuture<Boolean> meet(String other) {
        return ask(FrameKind.MEET, other).handle((meeting, failure) -> {
            if (failure != null) {
                answers.remove(other);
                notMet(other, failure);
                return false;
            }
            answers.put(other, meeting);
            heard(other, meeting);
            return true;
        });
    }

    private void notMet(String other, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        long now = timers.nanoTime();
        long last = complainedNanos.get();
        if (cause instanceof RefusedException refused
                && refused.reason() == Reason.RELEASE
                && now - last >= COMPLAINED_AGAIN_NANOS
                && complainedNanos.compareAndSet(last, now)) {
            LOG.error("Peer {} does not fit into its cluster: {}", id.name(), refused.getMessage());
        } else {
            LOG.debug("member {} is not met", other, failure);
        }
    }

    private CompletableFuture<Meeting> ask(FrameKind question, String other) {
        return questions
                .ask(question, other, introduction(question, other).encode())
                .thenApply(Meeting::decode);
    }

    /** A join token is said only to one that was of this cluster when it was met last. */
    private Meeting introduction(FrameKind question, String other) {
        Meeting own = self.introduction(other);
        Meeting met = answers.get(other);
        JoinSecret token = self.joinToken();
        boolean isOurs = met != null && own.isBorn() && met.cluster().equals(own.cluster());
        return question == FrameKind.MEET && token != null && isOurs ? own.withJoinToken(token) : own;
    }

    /**
     * Answers a question of the lane; may write to the disk.
     *
     * @param from what the other has proved to be
     */
    public byte[] answer(String from, FrameKind question, byte[] body) throws IOException {
        Meeting meeting = Meeting.decode(body);
        if (!meeting.peer().id().toString().equals(from)
                || meeting.peer().id().name().equals(id.name())) {
            throw new RefusedException(
                    Reason.FORGED, "it speaks for " + meeting.peer().id() + ", and is " + from);
        }
        if (question == FrameKind.CALL) {
            called(meeting);
        } else {
            String complaint = complaint(meeting);
            if (complaint != null) {
                throw new RefusedException(Reason.RELEASE, complaint);
            }
            heard(meeting.peer().id().name(), meeting);
        }
        return self.introduction(meeting.peer().id().name()).encode();
    }

    /** Only what is of one cluster, or is to be, has to fit together. */
    private @Nullable String complaint(Meeting meeting) {
        Meeting own = introduction();
        return own.isBorn() && (!meeting.isBorn() || meeting.cluster().equals(own.cluster()))
                ? self.complaint(meeting)
                : null;
    }

    /** Somebody has said who it is. */
    private void heard(String other, Meeting meeting) {
        if (closed) {
            return;
        }
        Meeting own = self.introduction(other);
        if (!own.isBorn()) {
            heardBeforeBirth(own, meeting);
            return;
        }
        if (meeting.isBorn() && !meeting.cluster().equals(own.cluster())) {
            self.stranger(meeting.cluster(), meeting.formed());
            return;
        }
        if (!meeting.isBorn()) {
            // It will hear of the cluster from the answer, unless it was started for another.
            if (!isOfOneList(own, meeting)) {
                self.stranger(meeting.list(), false);
            }
            return;
        }
        self.met(meeting);
        JoinSecret said = meeting.joinToken();
        if (own.named().equals(meeting.peer().id().toString())) {
            newcomers.remove(meeting.peer().id());
        } else if (own.configurationIndex() >= 0 && meeting.configurationIndex() <= own.configurationIndex()) {
            newcomers.put(
                    meeting.peer().id(),
                    new Heard(
                            meeting.peer(),
                            meeting.supported().release(),
                            said == null ? "" : said.hash(),
                            timers.nanoTime()));
        }
        // What the other knows is settled, so it was committed; what this one has beyond it, if anything, was not.
        OptionalLong newest = self.newestConfiguration();
        if (newest.isPresent()
                && meeting.configurationIndex() > newest.getAsLong()
                && !meeting.named().equals(id.toString())) {
            self.replacedBy(meeting.named());
        }
    }

    private static boolean isOfOneList(Meeting one, Meeting other) {
        return one.list().equals(other.list())
                || one.list().equals(Meeting.NOBODY)
                || other.list().equals(Meeting.NOBODY);
    }

    private void heardBeforeBirth(Meeting own, Meeting meeting) {
        if (!isOfOneList(own, meeting)) {
            self.stranger(meeting.isBorn() ? meeting.cluster() : meeting.list(), meeting.formed());
            return;
        }
        self.met(meeting);
        if (meeting.isBorn()) {
            // It writes to the disk: not on the network's thread.
            background.execute(() -> belongTo(meeting));
        }
    }

    private void belongTo(Meeting meeting) {
        deciding.lock();
        try {
            // A birth whose convener has lost its disk meanwhile may still be on its way: it is void once another call
            // is answered.
            boolean isVoid = meeting.peer().id().name().equals(convener())
                    && self.answeredAnother(meeting.peer().id());
            if (!closed && !isVoid && !introduction().isBorn()) {
                boolean isFounder =
                        meeting.founders().stream().anyMatch(peer -> peer.id().equals(id));
                self.belongTo(meeting.cluster(), isFounder ? meeting.founders() : List.of());
            }
        } catch (IOException e) {
            self.failed(e);
        } finally {
            deciding.unlock();
        }
    }

    /** The name of the one that founds the cluster; empty if nobody does. */
    private String convener() {
        return self.initial().stream().min(Comparator.naturalOrder()).orElse("");
    }

    private boolean mayConvene() {
        boolean isHeardOut = self.initial().size() > 1 || timers.nanoTime() - begunNanos >= ALONE_NANOS;
        return isHeardOut && !introduction().isBorn() && convener().equals(id.name());
    }

    /** All others answer. They are called, and if each answers that, too, the cluster is born. */
    private void convene() {
        Map<String, CompletableFuture<Meeting>> called = new HashMap<>();
        for (String other : self.initial()) {
            if (!other.equals(id.name())) {
                called.put(other, ask(FrameKind.CALL, other));
            }
        }
        CompletableFuture.allOf(called.values().toArray(new CompletableFuture<?>[0]))
                .whenComplete((all, failure) -> {
                    if (failure == null) {
                        List<Meeting> met = called.values().stream()
                                .map(CompletableFuture::join)
                                .toList();
                        background.execute(() -> found(met));
                    } else {
                        LOG.debug("not everybody answers the call", failure);
                        again();
                    }
                });
    }

    private void found(List<Meeting> met) {
        deciding.lock();
        try {
            Meeting own = introduction();
            boolean nobodyHasOne =
                    met.stream().noneMatch(Meeting::isBorn) && met.stream().allMatch(each -> isOfOneList(own, each));
            if (!closed && nobodyHasOne && !own.isBorn()) {
                List<Peer> founders = new ArrayList<>();
                founders.add(own.peer());
                met.forEach(each -> founders.add(each.peer()));
                self.belongTo(UUID.randomUUID(), founders);
            }
        } catch (IOException e) {
            self.failed(e);
        } finally {
            deciding.unlock();
        }
        round();
    }

    private void called(Meeting meeting) throws IOException {
        deciding.lock();
        try {
            Meeting own = self.introduction(meeting.peer().id().name());
            if (own.isBorn()) {
                return;
            }
            if (!own.list().equals(meeting.list())
                    || !convener().equals(meeting.peer().id().name())) {
                throw new RefusedException(Reason.FAILED, "it was started with another list of initial members");
            }
            // A call may arrive after its convener has lost its disk, and after the call of its next incarnation.
            Meeting met = answers.get(convener());
            if (met == null || !met.peer().id().equals(meeting.peer().id())) {
                throw new RefusedException(Reason.STARTING, "it has not met that peer itself yet");
            }
            self.answer(meeting.peer().id());
        } finally {
            deciding.unlock();
        }
    }

    /** The peers that presented themselves within the last seconds, are of this cluster, and no member. */
    public List<Newcomer> newcomers() {
        long now = timers.nanoTime();
        newcomers.values().removeIf(heard -> now - heard.atNanos() > HEARD_NANOS);
        return newcomers.values().stream()
                .map(heard -> new Newcomer(
                        heard.peer(),
                        TimeUnit.NANOSECONDS.toMillis(now - heard.atNanos()),
                        heard.release(),
                        heard.tokenHash()))
                .sorted(Comparator.comparing(newcomer -> newcomer.peer().id().toString()))
                .toList();
    }

    /** What the peer waits for before it can take part in anything, in words; empty if it is a member. */
    public String waitsFor() {
        Meeting own = introduction();
        if (!own.isBorn()) {
            Set<String> missing = new TreeSet<>(self.others());
            missing.removeAll(answers.keySet());
            String whom = String.join(", ", missing);
            if (self.initial().isEmpty()) {
                return "it looks for the cluster that it is to join, and none of " + String.join(", ", self.others())
                        + " has one";
            }
            if (self.initial().size() == 1) {
                return "it waits for some seconds: if a cluster has a member of its name already, it hears of it";
            }
            return missing.isEmpty()
                    ? "the cluster is being born"
                    : "the cluster is not born yet: all of its initial members have to be there once, and " + whom
                            + (missing.size() == 1 ? " is" : " are") + " missing";
        }
        if (self.isNamed() || (own.configurationIndex() < 0 && !own.founders().isEmpty())) {
            return "";
        }
        if (self.joinToken() != null) {
            return "it has said its join token, and waits to be let in"
                    + answers.values().stream()
                            .map(met -> met.verdicts().getOrDefault(id, ""))
                            .filter(verdict -> !verdict.isEmpty())
                            .findFirst()
                            .map(verdict -> ". It was not let in: " + verdict)
                            .orElse(". Does the cluster have a leader that it reaches?");
        }
        return "its data folder is new, and the cluster is there already: it takes no part until it is let in, by 'holdfast members"
                + " replace " + id.name() + "' if the cluster has a member " + id.name()
                + ", and by 'holdfast members add "
                + id.name() + "' if not";
    }

    /** For the log, once in a while. */
    private void saySo() {
        long now = timers.nanoTime();
        if (now - saidNanos < sayAgainNanos) {
            return;
        }
        saidNanos = now;
        String what = waitsFor();
        if (what.isEmpty()) {
            sayAgainNanos = SAYS_SO_NANOS;
        } else {
            sayAgainNanos = Math.min(2 * sayAgainNanos, SAYS_SO_NANOS_MAX);
            LOG.info("Peer {} waits: {}", id.name(), what);
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
