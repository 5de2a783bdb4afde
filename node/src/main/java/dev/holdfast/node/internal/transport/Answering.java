package dev.holdfast.node.internal.transport;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.DecoderException;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One connection that was dialled from elsewhere: first the other proves to be a member, then its questions are answered. While too
 * many of them wait for their answers, or for the other to read these, no more are read.
 */
final class Answering extends SimpleChannelInboundHandler<Frame> {
    private enum Stage {
        ACCEPTED,
        CHALLENGED,
        PROVED,
        REFUSED
    }

    private final Identity self;
    private final Host host;
    private final Executor pool;
    private final Refusals refusals;
    private final MembersPort port;
    private final Outbox outbox = new Outbox();
    private final AtomicInteger unanswered = new AtomicInteger();

    /** The following are of the network's thread. */
    private Stage stage = Stage.ACCEPTED;

    private byte[] helloBytes = new byte[0];
    private byte[] challenge = new byte[0];
    private Handshake.@Nullable Hello hello;

    Answering(Identity self, Host host, Executor pool, Refusals refusals, MembersPort port) {
        super(Frame.class);
        this.self = self;
        this.host = host;
        this.pool = pool;
        this.refusals = refusals;
        this.port = port;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Frame frame) throws RefusedException {
        switch (stage) {
            case ACCEPTED -> onHello(context, frame.expect(FrameKind.HELLO));
            case CHALLENGED -> onProof(context, frame.expect(FrameKind.PROOF));
            case PROVED -> onQuestion(context, frame);
            case REFUSED -> {}
        }
    }

    private void onHello(ChannelHandlerContext context, Frame frame) throws RefusedException {
        Handshake.Hello said = Handshake.Hello.decode(frame.body());
        boolean isMeant = said.to().equals(said.lane() == Lane.MEETING ? self.name() : self.id());
        if (!isMeant) {
            throw new RefusedException(
                    Reason.NOT_A_MEMBER,
                    "it looks for member " + said.to() + " at the address of member " + self.id()
                            + ": its list of members is another, or this is not the data folder that it knows");
        }
        MemberTls.check(context, said.from());
        hello = said;
        helloBytes = frame.body();
        challenge = new Handshake.Challenge(Handshake.Cluster.of(self, host), said.to()).encode();
        stage = Stage.CHALLENGED;
        send(context, new Frame(FrameKind.CHALLENGE, 0, challenge));
    }

    private void onProof(ChannelHandlerContext context, Frame frame) throws RefusedException {
        Handshake.Hello said = hello();
        if (!Handshake.isSame(Handshake.proof(self.secret(), helloBytes, challenge), frame.body())) {
            throw new RefusedException(
                    Reason.NOT_PROVED, "it does not know the secret of the members, of which this is " + self.name());
        }
        // Proved to each other before either speaks of it: only a member can say that it is of another cluster.
        byte[] welcome = Handshake.welcome(self.secret(), helloBytes, challenge);
        send(context, new Frame(FrameKind.WELCOME, 0, welcome));
        if (said.lane() != Lane.MEETING) {
            checkMember(said);
        }
        stage = Stage.PROVED;
        context.pipeline().get(FrameDecoder.class).allow(said.lane().frameBytesMax());
        port.proved(context.channel(), said.from(), said.lane());
        outbox.open(context.channel());
    }

    /** Only members of one cluster have anything to say to each other, but for who they are. */
    private void checkMember(Handshake.Hello said) throws RefusedException {
        said.cluster().checkBorn(self, said.from());
        if (!said.cluster().isOf(self)) {
            host.stranger(said.cluster().id(), said.cluster().formed());
            throw new RefusedException(
                    Reason.OTHER_CLUSTER,
                    "member " + said.from() + " is of cluster " + said.cluster().id() + ", and this one of "
                            + self.cluster());
        }
        if (said.from().equals(self.id()) || !host.isMember(said.from())) {
            throw new RefusedException(
                    Reason.NOT_A_MEMBER, "it calls itself member " + said.from() + ", which is none of the others");
        }
    }

    private Handshake.Hello hello() {
        Handshake.Hello said = hello;
        if (said == null) {
            throw new IllegalStateException("nobody said hello");
        }
        return said;
    }

    private static void send(ChannelHandlerContext context, Frame frame) {
        context.writeAndFlush(frame.encode(context.alloc()));
    }

    private void onQuestion(ChannelHandlerContext context, Frame frame) throws RefusedException {
        Handshake.Hello said = hello();
        if (frame.kind().lane() != said.lane()) {
            throw new RefusedException(
                    Reason.FORGED, "member " + said.from() + " said " + frame.kind() + " on lane " + said.lane());
        }
        Channel channel = context.channel();
        if (unanswered.incrementAndGet() >= said.lane().unansweredMax()) {
            channel.config().setAutoRead(false);
        }
        switch (frame.kind()) {
            case APPEND, GREETING -> answer(channel, frame);
            default -> {
                try {
                    pool.execute(() -> answer(channel, frame));
                } catch (RejectedExecutionException e) {
                    failed(channel, frame.id(), new RefusedException(Reason.BUSY, "too much to do at once"));
                }
            }
        }
    }

    private void answer(Channel channel, Frame question) {
        try {
            CompletionStage<byte[]> answer = host.answer(hello().from(), question.kind(), question.body());
            answer.whenComplete((body, failure) -> {
                if (failure == null) {
                    reply(channel, new Frame(FrameKind.ANSWER, question.id(), body));
                } else {
                    failed(channel, question.id(), failure);
                }
            });
        } catch (RefusedException | RuntimeException e) {
            failed(channel, question.id(), e);
        }
    }

    private void failed(Channel channel, long id, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        Reason reason = cause instanceof RefusedException refused ? refused.reason() : Reason.FAILED;
        String text = String.valueOf(cause instanceof RefusedException ? cause.getMessage() : cause);
        reply(channel, Frame.refusal(FrameKind.FAILED, id, reason, text));
        if (reason == Reason.FORGED || reason == Reason.NOT_UNDERSTOOD) {
            refusals.refused("member " + hello().from() + " at " + channel.remoteAddress(), reason, text);
            channel.close();
        }
    }

    private void reply(Channel channel, Frame answer) {
        outbox.put(answer, () -> {
            if (unanswered.decrementAndGet() < hello().lane().unansweredMax()
                    && !channel.config().isAutoRead()) {
                channel.config().setAutoRead(true);
            }
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        Handshake.Hello said = hello;
        if (stage == Stage.PROVED
                && said != null
                && port.ended(context.channel(), said.from(), said.lane())
                && said.lane() == Lane.ENTRIES) {
            host.entriesEnded(said.from());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess()) {
            exceptionCaught(context, done.cause());
        }
        super.userEventTriggered(context, event);
    }

    /** TLS has failed: it is told so by TLS. */
    private void refuseByTls(ChannelHandlerContext context, RefusedException refusal) {
        if (stage == Stage.ACCEPTED) {
            refusals.refused(
                    String.valueOf(context.channel().remoteAddress()),
                    refusal.reason(),
                    String.valueOf(refusal.getMessage()));
            stage = Stage.REFUSED;
        }
        context.close();
    }

    /** What a stranger does wrong is told to it if it speaks the same language, and ends the connection in any case. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        RefusedException byTls = MemberTls.refusal(failure);
        if (byTls != null) {
            refuseByTls(context, byTls);
            return;
        }
        Reason reason = Reason.in(failure);
        if (reason == null && failure instanceof DecoderException) {
            reason = Reason.NOT_UNDERSTOOD;
        }
        if (reason != null && stage != Stage.REFUSED) {
            Handshake.Hello said = hello;
            String from = String.valueOf(context.channel().remoteAddress());
            String text = String.valueOf(failure.getMessage());
            refusals.refused(said == null ? from : "\"" + Frame.printable(said.from()) + "\" at " + from, reason, text);
            Frame refusal = Frame.refusal(FrameKind.REFUSED, 0, reason, text);
            context.writeAndFlush(refusal.encode(context.alloc())).addListener(ChannelFutureListener.CLOSE);
        } else {
            context.close();
        }
        if (stage != Stage.PROVED) {
            stage = Stage.REFUSED;
        }
    }
}
