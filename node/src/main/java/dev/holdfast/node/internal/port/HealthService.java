package dev.holdfast.node.internal.port;

import dev.holdfast.client.v1.health.HealthCheckRequest;
import dev.holdfast.client.v1.health.HealthCheckResponse;
import dev.holdfast.client.v1.health.HealthCheckResponse.ServingStatus;
import dev.holdfast.client.v1.health.HealthGrpc;
import dev.holdfast.node.NodeHealth;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * gRPC's standard health service, for probes and load balancers. Whoever reaches the port may ask; it tells whether this peer is well, and
 * not why not. Called on the threads of the network; does not block.
 */
final class HealthService {
    /** The name under which it tells whether the peer goes on by itself. */
    static final String LIVE = "";

    /** The name under which it tells whether callers are served here. */
    static final String READY = "holdfast.ready";

    static final int WATCHES_MAX = 1000;
    static final int WATCHES_PER_ADDRESS_MAX = 64;

    private final Supplier<NodeHealth> health;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();

    HealthService(Supplier<NodeHealth> health) {
        this.health = health;
    }

    ServerServiceDefinition definition() {
        return ServerServiceDefinition.builder(HealthGrpc.SERVICE_NAME)
                .addMethod(HealthGrpc.getCheckMethod(), ServerCalls.asyncUnaryCall(this::check))
                .addMethod(HealthGrpc.getWatchMethod(), (call, headers) -> {
                    String address = Calls.credentials(call, headers).address();
                    return ServerCalls.<HealthCheckRequest, HealthCheckResponse>asyncServerStreamingCall(
                                    (request, reply) -> watch(address, request, reply))
                            .startCall(call, headers);
                })
                .build();
    }

    /** What is asked of the peer's health, under that name; {@code null} for no name of this service. */
    private static @Nullable Predicate<NodeHealth> asked(String service) {
        return switch (service) {
            case LIVE -> NodeHealth::live;
            case READY -> NodeHealth::ready;
            default -> null;
        };
    }

    private ServingStatus status(Predicate<NodeHealth> question) {
        return question.test(health.get()) ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    }

    private static HealthCheckResponse response(ServingStatus status) {
        return HealthCheckResponse.newBuilder().setStatus(status).build();
    }

    private void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> reply) {
        Predicate<NodeHealth> question = asked(request.getService());
        if (question == null) {
            reply.onError(Status.NOT_FOUND
                    .withDescription("a peer knows the services \"\" and \"" + READY + "\"")
                    .asRuntimeException());
        } else {
            reply.onNext(response(status(question)));
            reply.onCompleted();
        }
    }

    private void watch(String address, HealthCheckRequest request, StreamObserver<HealthCheckResponse> reply) {
        if (watches.size() >= WATCHES_MAX
                || watches.stream().filter(each -> each.address.equals(address)).count() >= WATCHES_PER_ADDRESS_MAX) {
            reply.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription("too many watch this peer's health already: " + WATCHES_MAX + " may, and "
                            + WATCHES_PER_ADDRESS_MAX + " from one address")
                    .asRuntimeException());
            return;
        }
        Watch watch =
                new Watch(address, asked(request.getService()), (ServerCallStreamObserver<HealthCheckResponse>) reply);
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
        private final String address;
        private final @Nullable Predicate<NodeHealth> question;
        private final ServerCallStreamObserver<HealthCheckResponse> reply;
        private ServingStatus told = ServingStatus.UNKNOWN;
        private boolean ended;

        /** @param question {@code null} if nobody knows what is asked, which the watcher is told once */
        private Watch(
                String address,
                @Nullable Predicate<NodeHealth> question,
                ServerCallStreamObserver<HealthCheckResponse> reply) {
            this.address = address;
            this.question = question;
            this.reply = reply;
        }

        /** Who does not read is told later, and then of the latest only. */
        private synchronized void tell() {
            ServingStatus now = question == null ? ServingStatus.SERVICE_UNKNOWN : status(question);
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
