package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever strangers send, the peer goes on. */
@TestInstance(Lifecycle.PER_CLASS)
class GarbageOnPortsTest {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final byte[] HTTP_2_PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int ANSWER_MS_MAX = 2000;

    private HoldfastNode node;
    private final List<Socket> open = new ArrayList<>();

    private enum Port {
        RAFT,
        CLIENT;

        int of(Member member) {
            return this == RAFT ? member.raftPort() : member.clientPort();
        }
    }

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        node = HoldfastNode.builder().dataFolder(folder).start();
    }

    @AfterAll
    void stop() {
        node.close();
    }

    @AfterEach
    void the_peer_goes_on() throws IOException {
        HoldfastLock lock = node.client().createLock();
        for (int i = 0; i < 3; i++) {
            lock.acquire(ALICE, new Lockable("thing", "thing")).orThrow().release();
        }
        assertThat(node.failure().toCompletableFuture()).isNotDone();
        assertThat(node.isLeader()).isTrue();
        for (Socket socket : open) {
            socket.close();
        }
        open.clear();
    }

    private Socket connect(Port port) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(ANSWER_MS_MAX);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port.of(node.member())), ANSWER_MS_MAX);
        open.add(socket);
        return socket;
    }

    /** Sends it, and reads whatever comes until the peer hangs up or has nothing to say. */
    private void send(Port port, byte[] bytes) throws IOException {
        Socket socket = connect(port);
        try {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
            socket.shutdownOutput();
            InputStream in = socket.getInputStream();
            byte[] answer = new byte[1024];
            while (in.read(answer) >= 0) {
                assertThat(socket.isConnected()).isTrue();
            }
        } catch (IOException hungUp) {
            assertThat(hungUp).isNotNull();
        } finally {
            socket.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void random_bytes(Port port) throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 30; i++) {
            byte[] bytes = new byte[1 + random.nextInt(20_000)];
            random.nextBytes(bytes);
            send(port, bytes);
        }
    }

    @ParameterizedTest
    @EnumSource
    void http_1_requests(Port port) throws IOException {
        send(port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        send(
                port,
                "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc"
                        .getBytes(StandardCharsets.US_ASCII));
        send(port, ("GET /" + "a".repeat(100_000) + " HTTP/1.1\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @EnumSource
    void connections_that_say_nothing(Port port) throws IOException {
        for (int i = 0; i < 50; i++) {
            assertThat(connect(port).isConnected()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void connections_that_are_reset(Port port) throws IOException {
        for (int i = 0; i < 50; i++) {
            Socket socket = connect(port);
            socket.getOutputStream().write(HTTP_2_PREFACE);
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void http_2_that_breaks_off(Port port) throws IOException {
        send(port, HTTP_2_PREFACE);
        for (int length = 0; length < 12; length++) {
            byte[] settings = frame(16, 4, 0, 0, new byte[] {0, 3, 0, 0, 0, 1});
            byte[] cut = new byte[HTTP_2_PREFACE.length + length];
            System.arraycopy(HTTP_2_PREFACE, 0, cut, 0, HTTP_2_PREFACE.length);
            System.arraycopy(settings, 0, cut, HTTP_2_PREFACE.length, length);
            send(port, cut);
        }
    }

    @ParameterizedTest
    @EnumSource
    void http_2_frames_that_make_no_sense(Port port) throws IOException {
        Random random = new Random(8);
        for (int type = 0; type < 12; type++) {
            byte[] payload = new byte[random.nextInt(200)];
            random.nextBytes(payload);
            send(port, afterSettings(frame(payload.length, type, random.nextInt(256), 1, payload)));
        }
        send(port, afterSettings(frame(0xffffff, 0, 0, 1, new byte[10])));
        send(port, afterSettings(frame(5, 1, 4, 0x7fffffff, new byte[5])));
    }

    private static byte[] afterSettings(byte[] frame) {
        byte[] settings = frame(0, 4, 0, 0, new byte[0]);
        return ByteBuffer.allocate(HTTP_2_PREFACE.length + settings.length + frame.length)
                .put(HTTP_2_PREFACE)
                .put(settings)
                .put(frame)
                .array();
    }

    private static byte[] frame(int length, int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (length >> 16))
                .put((byte) (length >> 8))
                .put((byte) length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    @ParameterizedTest
    @EnumSource
    void work_goes_on_beside_garbage(Port port) throws Exception {
        Thread noise = new Thread(() -> {
            try {
                random_bytes(port);
                http_2_frames_that_make_no_sense(port);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        noise.start();
        try (HoldfastClient client = node.newClient(dev.holdfast.client.ClientOptions.defaults())) {
            HoldfastLock lock = client.createLock();
            do {
                lock.acquire(ALICE, new Lockable("beside", "beside")).orThrow().release();
            } while (noise.isAlive());
        }
        noise.join();
    }
}
