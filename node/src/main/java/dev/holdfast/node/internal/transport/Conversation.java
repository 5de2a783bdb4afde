package dev.holdfast.node.internal.transport;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One connection that this member dialled, from the first attempt to its end: the handshake, then questions and answers. What is
 * asked before the handshake is over waits for it.
 */
final class Conversation extends SimpleChannelInboundHandler<Frame> {
    private static final long SWEEP_MS = 250;

    /** Hears what becomes of it, on the network's thread. */
    interface Listener {
        /** It began: the other has proved to be a member of that cluster. */
        void onProved(Conversation conversation, Handshake.Cluster cluster);

        /** It is over, for whatever reason; what was not answered has failed. Called once. */
        void onOver(Conversation conversation, IOException cause);
    }

    private enum Stage {
        DIALLING,
        CHALLENGED,
        PROVED
    }

    private static final class Question {
        final CompletableFuture<byte[]> answer = new CompletableFuture<>();
        final long askedNanos;
        final long deadlineNanos;

        Question(long askedNanos, long timeoutNanos) {
            this.askedNanos = askedNanos;
            this.deadlineNanos = askedNanos + timeoutNanos;
        }
    }

    private final Identity self;
    private final String other;
    private final Lane lane;
    private final byte[] hello;
    private final Listener listener;
    private final EventExecutor timer;
    private final Outbox outbox = new Outbox();
    private final AtomicLong ids = new AtomicLong();
    private final Map<Long, Question> questions = new ConcurrentHashMap<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final long begunNanos = System.nanoTime();
    private volatile @Nullable IOException cause;
    private volatile long heardNanos = begunNanos;
    private volatile @Nullable Channel channel;
    private volatile boolean proved;

    /** The following are of the network's thread. */
    private Stage stage = Stage.DIALLING;

    private byte[] challenge = new byte[0];

    Conversation(
            Identity self, Handshake.Cluster cluster, String other, Lane lane, EventExecutor timer, Listener listener) {
        super(Frame.class);
        this.self = self;
        this.other = other;
        this.lane = lane;
        this.hello = new Handshake.Hello(lane, cluster, self.id(), other).encode();
        this.timer = timer;
        this.listener = listener;
    }

    /** Asks it; any thread. The answer comes on the network's, or fails: after the time, or when the conversation ends. */
    CompletableFuture<byte[]> ask(FrameKind kind, byte[] body, long timeoutNanos) {
        if (questions.size() >= lane.unansweredMax()) {
            return CompletableFuture.failedFuture(
                    new RefusedException(Reason.BUSY, "member " + other + " has not answered for long"));
        }
        Question question = new Question(System.nanoTime(), timeoutNanos);
        long id = ids.incrementAndGet();
        questions.put(id, question);
        IOException over = cause;
        if (over != null) {
            questions.remove(id);
            return CompletableFuture.failedFuture(over);
        }
        outbox.put(new Frame(kind, id, body));
        sweepLater();
        return question.answer;
    }

    /** For how long nothing was heard since the handshake; 0 before that, which has a time of its own. */
    long silentNanos() {
        return proved ? System.nanoTime() - heardNanos : 0;
    }

    boolean isOver() {
        return isOver.get();
    }

    /** Ends it; what waits for answers hears of it on the network's thread. */
    void endLater(IOException why) {
        try {
            timer.execute(() -> end(why));
        } catch (RejectedExecutionException e) {
            end(why);
        }
    }

    /** Ends it. Any thread. */
    void end(IOException why) {
        if (!isOver.compareAndSet(false, true)) {
            return;
        }
        cause = why;
        Channel open = channel;
        if (open != null) {
            open.close();
        }
        questions.keySet().forEach(id -> fail(id, why));
        listener.onOver(this, why);
    }

    /** Ends it if the other has not proved itself by now. */
    void endUnlessProved() {
        if (stage != Stage.PROVED) {
            end(new IOException("member " + other + " does not answer"));
        }
    }

    private void fail(long id, IOException why) {
        Question question = questions.remove(id);
        if (question != null) {
            question.answer.completeExceptionally(why);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        Channel open = context.channel();
        channel = open;
        if (isOver.get()) {
            open.close();
            return;
        }
        if (self.tls() == null) {
            sayHello(open);
        }
    }

    private void sayHello(Channel open) {
        open.writeAndFlush(new Frame(FrameKind.HELLO, 0, hello).encode(open.alloc()));
    }

    /** Nothing is said before the other has shown the certificate of the member that was dialled. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent done) {
            if (done.isSuccess()) {
                MemberTls.check(context, other);
                sayHello(context.channel());
            } else {
                exceptionCaught(context, done.cause());
            }
        }
        super.userEventTriggered(context, event);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Frame frame) throws RefusedException {
        heardNanos = System.nanoTime();
        if (frame.kind() == FrameKind.REFUSED) {
            throw frame.toException("member " + other + " refused the connection");
        }
        switch (stage) {
            case DIALLING -> onChallenge(context, frame.expect(FrameKind.CHALLENGE));
            case CHALLENGED -> onWelcome(context, frame.expect(FrameKind.WELCOME));
            case PROVED -> onAnswer(frame);
        }
    }

    private void onChallenge(ChannelHandlerContext context, Frame frame) throws RefusedException {
        Handshake.Challenge asked = Handshake.Challenge.decode(frame.body());
        if (!asked.id().equals(other)) {
            throw new RefusedException(
                    Reason.NOT_A_MEMBER,
                    "at the address of member " + other + " answers one that calls itself " + asked.id());
        }
        challenge = frame.body();
        stage = Stage.CHALLENGED;
        byte[] proof = Handshake.proof(self.secret(), hello, challenge);
        context.writeAndFlush(new Frame(FrameKind.PROOF, 0, proof).encode(context.alloc()));
    }

    private void onWelcome(ChannelHandlerContext context, Frame frame) throws RefusedException {
        if (!Handshake.isSame(Handshake.welcome(self.secret(), hello, challenge), frame.body())) {
            throw new RefusedException(
                    Reason.NOT_PROVED, "whoever answers at the address of member " + other + " has another secret");
        }
        Handshake.Cluster cluster = Handshake.Challenge.decode(challenge).cluster();
        if (lane != Lane.MEETING && !cluster.isOf(self)) {
            cluster.checkBorn(self, other);
            listener.onProved(this, cluster);
            throw new RefusedException(Reason.OTHER_CLUSTER, "member " + other + " is of cluster " + cluster.id());
        }
        stage = Stage.PROVED;
        proved = true;
        context.pipeline().get(FrameDecoder.class).allow(lane.frameBytesMax());
        listener.onProved(this, cluster);
        outbox.open(context.channel());
    }

    private void onAnswer(Frame frame) throws RefusedException {
        if (frame.kind() != FrameKind.ANSWER && frame.kind() != FrameKind.FAILED) {
            throw new RefusedException(Reason.NOT_UNDERSTOOD, "it said " + frame.kind() + " instead of an answer");
        }
        Question question = questions.remove(frame.id());
        if (question == null) {
            // It came too late.
            return;
        }
        if (frame.kind() == FrameKind.ANSWER) {
            question.answer.complete(frame.body());
        } else {
            question.answer.completeExceptionally(frame.toException("member " + other));
        }
    }

    private void sweepLater() {
        if (!sweeping.get() && sweeping.compareAndSet(false, true)) {
            try {
                var unused = timer.schedule(this::sweep, SWEEP_MS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                end(new IOException("this peer is being closed", e));
            }
        }
    }

    /** Fails the questions whose time is up. If nothing at all was heard since one of them was asked, the connection is dead. */
    private void sweep() {
        sweeping.set(false);
        long now = System.nanoTime();
        boolean dead = false;
        for (Map.Entry<Long, Question> each : questions.entrySet()) {
            Question question = each.getValue();
            if (now - question.deadlineNanos >= 0) {
                dead |= proved && heardNanos - question.askedNanos < 0;
                fail(each.getKey(), new IOException("member " + other + " did not answer in time"));
            }
        }
        if (dead) {
            end(new IOException("member " + other + " is silent"));
        } else if (!questions.isEmpty()) {
            sweepLater();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(new IOException("the connection to member " + other + " ended"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        RefusedException refusal = MemberTls.refusal(failure);
        if (refusal != null) {
            end(refusal);
        } else if (failure instanceof IOException known) {
            end(known);
        } else {
            end(new IOException("the connection to member " + other + " failed: " + failure, failure));
        }
    }
}
