package dev.holdfast.node.internal.transport;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.ByteToMessageDecoder;
import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Tells those who are wrong here, in their own language: clients that took the Raft port for the client port, by HTTP/2 (RFC 9113); and
 * where members talk over TLS, members that do not. Everything else passes.
 */
final class WrongPort extends ByteToMessageDecoder {
    /** What an HTTP/2 client says first begins with these: {@code PRI }. */
    private static final int PREFACE = 0x50524920;

    /** By which each connection over TLS begins (RFC 8446, section 5.1). */
    private static final byte TLS_HANDSHAKE = 22;

    private static final String WORDS = "this is a Raft port, for members only; clients connect to the client port";
    private static final int FRAME_HEADER_BYTES = 9;
    private static final byte SETTINGS = 4;
    private static final byte GOAWAY = 7;

    /** Our client knows by it that it is at the wrong port. */
    private static final int INADEQUATE_SECURITY = 0xc;

    private final boolean isTls;
    private final Refusals refusals;

    /** @param isTls whether members talk over TLS here */
    WrongPort(boolean isTls, Refusals refusals) {
        this.isTls = isTls;
        this.refusals = refusals;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < Integer.BYTES) {
            return;
        }
        boolean isClient = in.getInt(in.readerIndex()) == PREFACE;
        if (!isClient && (!isTls || in.getByte(in.readerIndex()) == TLS_HANDSHAKE)) {
            context.pipeline().remove(this);
            return;
        }
        in.skipBytes(in.readableBytes());
        if (isClient) {
            refusals.refused(
                    String.valueOf(context.channel().remoteAddress()),
                    Reason.NOT_UNDERSTOOD,
                    "it speaks HTTP/2, as clients do, and this is the port of the members");
            answerClient(context);
        } else {
            answerMember(context);
        }
    }

    private static void answerMember(ChannelHandlerContext context) {
        Frame refusal =
                Frame.refusal(FrameKind.REFUSED, 0, Reason.NO_TLS, "the members here talk to each other over TLS");
        context.writeAndFlush(refusal.encode(context.alloc()));
        context.fireExceptionCaught(new NotSslRecordException("it speaks no TLS"));
    }

    private static void answerClient(ChannelHandlerContext context) {
        byte[] words = WORDS.getBytes(StandardCharsets.US_ASCII);
        ByteBuf answer = Unpooled.buffer();
        frame(answer, SETTINGS, 0);
        frame(answer, GOAWAY, 2 * Integer.BYTES + words.length)
                .writeInt(0)
                .writeInt(INADEQUATE_SECURITY)
                .writeBytes(words);
        context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }

    private static ByteBuf frame(ByteBuf out, byte type, int length) {
        return out.ensureWritable(FRAME_HEADER_BYTES + length)
                .writeMedium(length)
                .writeByte(type)
                .writeByte(0)
                .writeInt(0);
    }
}
