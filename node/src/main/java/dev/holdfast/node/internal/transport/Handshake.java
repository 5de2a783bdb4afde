package dev.holdfast.node.internal.transport;

import dev.holdfast.node.internal.membership.Meeting;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.UUID;

/**
 * How two members prove to each other that they are members, and which.
 *
 * <pre>
 * the one that dials                                   the one that was dialled
 *   HELLO      version, lane, cluster, from, to, nonce ------&gt;
 *              &lt;-----------------------  CHALLENGE      cluster, own id, nonce
 *   PROOF      HMAC(secret, 1, HELLO, CHALLENGE) -----&gt;
 *              &lt;-----------------------  WELCOME        HMAC(secret, 2, HELLO, CHALLENGE)
 * </pre>
 *
 * <p>Each proof is over both nonces, so none can be used again, and over all that was said, so neither side can be made to
 * believe that the other said something else. The one that dials proves first: strangers that dial are told nothing. It is
 * the usual challenge and response of ISO/IEC 9798-4, with three passes and an HMAC.
 *
 * <p>It says who is at the other end when the connection begins. It does not encrypt what follows, nor protect it from
 * somebody on the way who can change it: for that there is TLS. Over TLS the same is said, and {@link MemberTls} compares who the
 * other claims to be with its certificate; then there may be no secret, and the proofs, by a key that everyone knows, prove
 * nothing.
 *
 * <p>See {@code docs/adr/013-a-transport-of-our-own.md}.
 */
final class Handshake {
    private static final int MAGIC = 0x484f4c44;
    private static final byte VERSION = 1;
    private static final int NONCE_BYTES = 32;
    private static final byte DIALLING = 1;
    private static final byte DIALLED = 2;
    private static final int ID_BYTES_MAX = 96;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * What a member says of its cluster.
     *
     * @param id the cluster's; all zeros if it has none yet
     * @param formed whether it ever had a leader, as far as the member knows
     */
    record Cluster(UUID id, boolean formed) {
        static Cluster of(Identity self, Host host) {
            UUID id = self.cluster();
            return id == null ? new Cluster(Meeting.NOBODY, false) : new Cluster(id, host.hasFormed());
        }

        boolean isOf(Identity self) {
            return id.equals(self.cluster());
        }

        /**
         * Refuses if one of the two has no cluster yet. A cluster is born at one member after the other, so one that has it may meet
         * one that is about to have the same: neither is a stranger to the other.
         */
        void checkBorn(Identity self, String other) throws RefusedException {
            boolean born = self.cluster() != null;
            if (!born || id.equals(Meeting.NOBODY)) {
                throw new RefusedException(
                        Reason.STARTING, "member " + (born ? other : self.name()) + " has no cluster yet");
            }
        }
    }

    /** What the one that dials says first. */
    record Hello(Lane lane, Cluster cluster, String from, String to) {
        byte[] encode() {
            ByteBuffer out = ByteBuffer.allocate(FrameDecoder.HANDSHAKE_BYTES_MAX)
                    .putInt(MAGIC)
                    .put(VERSION)
                    .put(lane.code());
            put(out, cluster);
            putText(out, from);
            putText(out, to);
            putNonce(out);
            return written(out);
        }

        static Hello decode(byte[] bytes) throws RefusedException {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            try {
                if (in.getInt() != MAGIC) {
                    throw new RefusedException(Reason.NOT_UNDERSTOOD, "not a member: it does not say hello as one");
                }
                byte version = in.get();
                if (version != VERSION) {
                    throw new RefusedException(
                            Reason.NOT_UNDERSTOOD,
                            "it speaks version " + version + " of the members' protocol, and this member version "
                                    + VERSION + ": use releases that fit together");
                }
                Lane lane = Lane.of(in.get());
                if (lane == null) {
                    throw new RefusedException(Reason.NOT_UNDERSTOOD, "a hello for no known lane");
                }
                Hello hello = new Hello(lane, readCluster(in), readText(in), readText(in));
                skipNonce(in);
                return hello;
            } catch (BufferUnderflowException e) {
                throw new RefusedException(Reason.NOT_UNDERSTOOD, "a hello of " + bytes.length + " bytes");
            }
        }
    }

    /** What the one that was dialled answers. */
    record Challenge(Cluster cluster, String id) {
        byte[] encode() {
            ByteBuffer out = ByteBuffer.allocate(FrameDecoder.HANDSHAKE_BYTES_MAX);
            put(out, cluster);
            putText(out, id);
            putNonce(out);
            return written(out);
        }

        static Challenge decode(byte[] bytes) throws RefusedException {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            try {
                Challenge challenge = new Challenge(readCluster(in), readText(in));
                skipNonce(in);
                return challenge;
            } catch (BufferUnderflowException e) {
                throw new RefusedException(Reason.NOT_UNDERSTOOD, "a challenge of " + bytes.length + " bytes");
            }
        }
    }

    /** What proves that the one that dials knows the secret. */
    static byte[] proof(MemberSecret secret, byte[] hello, byte[] challenge) {
        return secret.prove(DIALLING, hello, challenge);
    }

    /** What proves that the one that was dialled knows it. */
    static byte[] welcome(MemberSecret secret, byte[] hello, byte[] challenge) {
        return secret.prove(DIALLED, hello, challenge);
    }

    /** In a time that does not tell where they differ. */
    static boolean isSame(byte[] expected, byte[] proof) {
        return MessageDigest.isEqual(expected, proof);
    }

    private static void put(ByteBuffer out, Cluster cluster) {
        out.putLong(cluster.id().getMostSignificantBits())
                .putLong(cluster.id().getLeastSignificantBits())
                .put((byte) (cluster.formed() ? 1 : 0));
    }

    private static Cluster readCluster(ByteBuffer in) {
        return new Cluster(new UUID(in.getLong(), in.getLong()), in.get() != 0);
    }

    private static void putText(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.put((byte) bytes.length).put(bytes);
    }

    private static String readText(ByteBuffer in) throws RefusedException {
        int length = in.get();
        if (length < 0 || length > ID_BYTES_MAX) {
            throw new RefusedException(Reason.NOT_UNDERSTOOD, "a member's id of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void putNonce(ByteBuffer out) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        out.put(nonce);
    }

    private static void skipNonce(ByteBuffer in) throws RefusedException {
        if (in.remaining() != NONCE_BYTES) {
            throw new RefusedException(Reason.NOT_UNDERSTOOD, "a nonce of " + in.remaining() + " bytes");
        }
    }

    private static byte[] written(ByteBuffer out) {
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    private Handshake() {}
}
