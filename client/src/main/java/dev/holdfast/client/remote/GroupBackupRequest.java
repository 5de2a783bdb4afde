package dev.holdfast.client.remote;

import dev.holdfast.client.internal.remote.BackupParts;
import dev.holdfast.client.internal.remote.FailureText;
import dev.holdfast.client.internal.remote.GrpcStatus;
import dev.holdfast.client.internal.remote.PeerChannel;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.BackupHeadProto;
import dev.holdfast.client.v1.BackupReply;
import dev.holdfast.client.v1.BackupRequest;
import dev.holdfast.client.v1.HoldfastGrpc;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Instant;

/** Asks the peer that leads a group for a backup of it. */
public final class GroupBackupRequest {
    private static final int PART_BYTES_MAX = 64 << 20;

    /** Takes a backup, part by part, on the thread that asks for it. */
    public interface Receiver {
        /** The first part. */
        void head(GroupBackup head) throws IOException;

        /** A part of the state. They are to be kept in this order, as they are. */
        void piece(byte[] piece) throws IOException;
    }

    /**
     * Asks over a connection of its own, for the group that the options name, of the cluster whose id they name if they do. Blocks: the
     * first part has the connect timeout and the request timeout of the options to come, and each of the others the request timeout.
     *
     * @throws TransportException if it is not given, or not all of it came: {@code NO_LEADER} if the peer does not lead the group or
     *     could not confirm that it does, {@code BUSY} if it should be asked again later, {@code FORBIDDEN}, {@code REFUSED}, or
     *     {@code UNREACHABLE}. What the receiver was given is then of no use
     * @throws IOException what the receiver throws
     */
    public static void ask(HostPort peer, RemoteOptions options, Receiver receiver) throws IOException {
        Context callers = Context.ROOT.attach();
        try (PeerChannel connection = PeerChannel.forCalls(peer, options, PART_BYTES_MAX)) {
            askAlone(connection.channel(), peer, options, receiver);
        } catch (UnknownHostException e) {
            throw unreachable(peer, e);
        } finally {
            Context.ROOT.detach(callers);
        }
    }

    private static void askAlone(Channel channel, HostPort peer, RemoteOptions options, Receiver receiver)
            throws IOException {
        try {
            BackupParts parts = new BackupParts();
            PeerChannel.authorized(HoldfastGrpc.newStub(channel), options)
                    .backup(
                            BackupRequest.newBuilder()
                                    .setClusterId(options.clusterId())
                                    .setGroup(options.group())
                                    .build(),
                            parts);
            BackupReply first = parts.next(options.connectTimeout().plus(options.requestTimeout()));
            if (first == null || !first.hasHead()) {
                throw new TransportException(Kind.REFUSED, peer + " sent a backup without a head");
            }
            receiver.head(head(first.getHead()));
            for (BackupReply part = parts.next(options.requestTimeout());
                    part != null;
                    part = parts.next(options.requestTimeout())) {
                receiver.piece(part.getPiece().toByteArray());
            }
        } catch (StatusRuntimeException e) {
            throw failure(peer, e);
        }
    }

    private static GroupBackup head(BackupHeadProto head) {
        return new GroupBackup(
                head.getClusterId(),
                head.getClusterName(),
                head.getPeerId(),
                head.getVersion(),
                head.getGroup(),
                head.getGroups(),
                head.getAppliedIndex(),
                head.getLastToken(),
                Instant.ofEpochMilli(head.getTakenEpochMs()));
    }

    private static TransportException failure(HostPort peer, StatusRuntimeException failure) {
        Status status = failure.getStatus();
        String why = peer + ": " + FailureText.of(failure);
        return switch (status.getCode()) {
            case FAILED_PRECONDITION -> new TransportException(Kind.NO_LEADER, why, failure);
            case RESOURCE_EXHAUSTED -> new TransportException(Kind.BUSY, why, failure);
            case INVALID_ARGUMENT -> new TransportException(Kind.REFUSED, why, failure);
            case PERMISSION_DENIED -> new TransportException(Kind.FORBIDDEN, why, failure);
            case UNAUTHENTICATED ->
                new TransportException(Kind.FORBIDDEN, GrpcStatus.describeDenial(failure, peer), failure);
            case UNIMPLEMENTED ->
                new TransportException(
                        Kind.REFUSED,
                        peer + " gives no backups: it is of an older release, or no Holdfast peer",
                        failure);
            default -> unreachable(peer, failure);
        };
    }

    private static TransportException unreachable(HostPort peer, Throwable why) {
        return new TransportException(
                Kind.UNREACHABLE, peer + " gives no backup, or not all of it: " + FailureText.of(why), why);
    }

    private GroupBackupRequest() {}
}
