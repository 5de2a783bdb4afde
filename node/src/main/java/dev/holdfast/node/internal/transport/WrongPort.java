package dev.holdfast.node.internal.transport;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Tells clients that took the Raft port for the client port, in their own language: HTTP/2 (RFC 9113). Everything else passes.
 */
final class WrongPort extends ByteToMessageDecoder {
    /** What an HTTP/2 client says first begins with these: {@code PRI }. */
    private static final int PREFACE = 0x50524920;

    private static final String WORDS = "this is a Raft port, for members only; clients connect to the client port";
    private static final int FRAME_HEADER_BYTES = 9;
    private static final byte SETTINGS = 4;
    private static final byte GOAWAY = 7;

    /** Our client knows by it that it is at the wrong port. */
    private static final int INADEQUATE_SECURITY = 0xc;

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < Integer.BYTES) {
            return;
        }
        if (in.getInt(in.readerIndex()) != PREFACE) {
            context.pipeline().remove(this);
            return;
        }
        in.skipBytes(in.readableBytes());
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
