package dev.holdfast.node.support;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A plain socket whose other end believes that it speaks HTTP/2. */
public final class Http2Socket implements AutoCloseable {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADERS = 1;
    private static final int END_OF_HEADERS = 4;
    private static final int RESET = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int ANSWER = 1;

    private final Socket socket;
    private final OutputStream out;

    /** One that says nothing. */
    public Http2Socket(int port) throws IOException {
        socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        socket.setSoTimeout(Math.toIntExact(RawClient.PATIENCE.toMillis()));
        out = new BufferedOutputStream(socket.getOutputStream());
    }

    /** One that has begun to speak. */
    public static Http2Socket greeted(int port) throws IOException {
        Http2Socket open = new Http2Socket(port);
        open.out.write(PREFACE);
        open.frame(SETTINGS, 0, 0, new byte[0]);
        open.out.flush();
        return open;
    }

    /** Sends only so many bytes of how one begins. */
    public void beginPreface(int bytes) throws IOException {
        out.write(PREFACE, 0, bytes);
        out.flush();
    }

    /** Begins that many streams and resets each. Ends early if the other end has had enough. */
    public void beginAndReset(int streams) {
        int unused = untilCutOff(streams, number -> {
            // ":method POST", from the static table.
            frame(HEADERS, END_OF_HEADERS, 1 + 2 * number, new byte[] {(byte) 0x83});
            frame(RESET, 0, 1 + 2 * number, new byte[] {0, 0, 0, 8});
        });
    }

    /** Pings that often. Ends early if the other end has had enough. */
    public void ping(int times) {
        int unused = untilCutOff(times, number -> frame(PING, 0, 0, new byte[8]));
    }

    /** Sends that many settings, and reads none of the answers. Ends early, and returns how many, if the other end hangs up. */
    public int settings(int times) {
        return untilCutOff(times, number -> frame(SETTINGS, 0, 0, new byte[0]));
    }

    private interface Step {
        void take(int number) throws IOException;
    }

    private int untilCutOff(int times, Step step) {
        int number = 0;
        try {
            while (number < times) {
                step.take(number);
                number++;
            }
            out.flush();
        } catch (IOException e) {
            // It is cut off.
        }
        return number;
    }

    private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        out.write(ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .put((byte) (payload.length >> 8))
                .put((byte) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array());
    }

    /** Whether it is served: the answer to a ping comes back, and not the end. Fails if neither comes for long. */
    public boolean isServed() throws IOException {
        try {
            frame(PING, 0, 0, new byte[8]);
            out.flush();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (true) {
                int length = (in.readUnsignedShort() << 8) + in.readUnsignedByte();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                in.skipNBytes(4 + length);
                if (type == PING && flags == ANSWER) {
                    return true;
                }
            }
        } catch (SocketException | EOFException e) {
            return false;
        }
    }

    /** Returns when the other end has hung up; fails if it does not for long. */
    public void awaitEnd() throws IOException {
        try {
            byte[] bytes = new byte[4096];
            while (socket.getInputStream().read(bytes) >= 0) {
                // What it says does not matter.
            }
        } catch (SocketException e) {
            // Likewise.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
