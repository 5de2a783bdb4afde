package dev.holdfast.node.internal.port;

import dev.holdfast.client.v1.health.HealthCheckRequest;
import dev.holdfast.client.v1.health.HealthCheckResponse;
import dev.holdfast.client.v1.health.HealthCheckResponse.ServingStatus;
import dev.holdfast.client.v1.health.HealthGrpc;
import dev.holdfast.node.NodeHealth;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * gRPC's standard health service, for probes and load balancers. Whoever reaches the port may ask; it tells whether this peer is well, and
 * not why not. Called on the threads of the network; does not block.
 */
final class HealthService extends HealthGrpc.HealthImplBase {
    /** The name under which it tells whether the peer goes on by itself. */
    static final String LIVE = "";

    /** The name under which it tells whether callers are served here. */
    static final String READY = "holdfast.ready";

    static final int WATCHES_MAX = 1000;

    private final Supplier<NodeHealth> health;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();

    HealthService(Supplier<NodeHealth> health) {
        this.health = health;
    }

    private ServingStatus status(String service) {
        NodeHealth now = health.get();
        return switch (service) {
            case LIVE -> now.live() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
            case READY -> now.ready() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
            default -> ServingStatus.SERVICE_UNKNOWN;
        };
    }

    private static HealthCheckResponse response(ServingStatus status) {
        return HealthCheckResponse.newBuilder().setStatus(status).build();
    }

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> reply) {
        ServingStatus status = status(request.getService());
        if (status == ServingStatus.SERVICE_UNKNOWN) {
            reply.onError(Status.NOT_FOUND
                    .withDescription("a peer knows the services \"\" and \"" + READY + "\"")
                    .asRuntimeException());
        } else {
            reply.onNext(response(status));
            reply.onCompleted();
        }
    }

    @Override
    public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> reply) {
        if (watches.size() >= WATCHES_MAX) {
            reply.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription(WATCHES_MAX + " watch this peer's health already")
                    .asRuntimeException());
            return;
        }
        Watch watch = new Watch(request.getService(), (ServerCallStreamObserver<HealthCheckResponse>) reply);
        watch.reply.setOnCancelHandler(() -> watches.remove(watch));
        watch.reply.setOnReadyHandler(watch::tell);
        watches.add(watch);
        watch.tell();
    }

    /** Tells those who watch, if something has changed. */
    void tell() {
        watches.forEach(Watch::tell);
    }

    /** Ends the watches. */
    void close() {
        watches.forEach(Watch::end);
    }

    private final class Watch {
        private final String service;
        private final ServerCallStreamObserver<HealthCheckResponse> reply;
        private ServingStatus told = ServingStatus.UNKNOWN;
        private boolean ended;

        private Watch(String service, ServerCallStreamObserver<HealthCheckResponse> reply) {
            this.service = service;
            this.reply = reply;
        }

        /** Who does not read is told later, and then of the latest only. */
        private synchronized void tell() {
            ServingStatus now = status(service);
            if (!ended && now != told && reply.isReady()) {
                told = now;
                reply.onNext(response(now));
            }
        }

        private synchronized void end() {
            if (!ended) {
                ended = true;
                watches.remove(this);
                reply.onCompleted();
            }
        }
    }
}
