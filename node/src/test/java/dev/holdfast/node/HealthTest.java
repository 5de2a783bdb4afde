package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.v1.health.HealthCheckRequest;
import dev.holdfast.client.v1.health.HealthCheckResponse;
import dev.holdfast.client.v1.health.HealthCheckResponse.ServingStatus;
import dev.holdfast.client.v1.health.HealthGrpc;
import dev.holdfast.node.support.RawClient;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What peers say of how they are, here and to those who ask over gRPC. */
@Tag("long")
class HealthTest {
    @TempDir
    Path folder;

    private static HealthCheckRequest of(String service) {
        return HealthCheckRequest.newBuilder().setService(service).build();
    }

    private static ServingStatus ask(ManagedChannel channel, String service) {
        return HealthGrpc.newBlockingStub(channel).check(of(service)).getStatus();
    }

    @Test
    void peers_are_ready_while_they_know_a_leader_and_live_until_they_end() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(folder, 3)) {
            for (HoldfastNode node : cluster.nodes()) {
                await().atMost(LocalCluster.PATIENCE)
                        .untilAsserted(
                                () -> assertThat(node.health().problems()).isEmpty());
                assertThat(node.health()).isEqualTo(new NodeHealth(true, List.of()));
            }
            HoldfastNode left = cluster.follower();
            ManagedChannel channel = RawClient.channel(left.member().clientAddress());
            List<ServingStatus> seen = new CopyOnWriteArrayList<>();
            try {
                assertThat(ask(channel, "")).isEqualTo(ServingStatus.SERVING);
                assertThat(ask(channel, "holdfast.ready")).isEqualTo(ServingStatus.SERVING);
                assertThatThrownBy(() -> ask(channel, "holdfast.v1.Holdfast"))
                        .isInstanceOfSatisfying(
                                StatusRuntimeException.class,
                                e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
                HealthGrpc.newStub(channel).watch(of("holdfast.ready"), adding(seen));
                await().atMost(LocalCluster.PATIENCE).until(() -> seen.equals(List.of(ServingStatus.SERVING)));
                assertTooManyWatchesAreRefused(left);

                for (HoldfastNode node : cluster.nodes()) {
                    if (node != left) {
                        cluster.stop(node.id());
                    }
                }

                await().atMost(LocalCluster.PATIENCE)
                        .untilAsserted(() -> assertThat(left.health().problems())
                                .singleElement()
                                .asString()
                                .startsWith("it knows no leader: fewer than a majority"));
                assertThat(left.health().live()).isTrue();
                assertThat(ask(channel, "")).isEqualTo(ServingStatus.SERVING);
                assertThat(ask(channel, "holdfast.ready")).isEqualTo(ServingStatus.NOT_SERVING);
                await().atMost(LocalCluster.PATIENCE)
                        .until(() -> seen.equals(List.of(ServingStatus.SERVING, ServingStatus.NOT_SERVING)));
            } finally {
                channel.shutdownNow();
            }
            cluster.stop(left.id());
            assertThat(left.health()).isEqualTo(new NodeHealth(false, List.of("it was closed")));
        }
    }

    /** From one address; so others get through. */
    private static void assertTooManyWatchesAreRefused(HoldfastNode node) {
        List<ManagedChannel> channels = new ArrayList<>();
        List<ServingStatus> told = new CopyOnWriteArrayList<>();
        List<Status> refused = new CopyOnWriteArrayList<>();
        try {
            for (int i = 0; i < 80; i++) {
                if (i % 10 == 0) {
                    channels.add(RawClient.channel(node.member().clientAddress()));
                }
                HealthGrpc.newStub(channels.get(channels.size() - 1))
                        .watch(of("no such service"), new StreamObserver<>() {
                            @Override
                            public void onNext(HealthCheckResponse response) {
                                told.add(response.getStatus());
                            }

                            @Override
                            public void onError(Throwable failure) {
                                refused.add(Status.fromThrowable(failure));
                            }

                            @Override
                            public void onCompleted() {}
                        });
            }
            await().atMost(LocalCluster.PATIENCE).until(() -> told.size() + refused.size() == 80);
            assertThat(told).hasSize(63).containsOnly(ServingStatus.SERVICE_UNKNOWN);
            assertThat(refused).extracting(Status::getCode).containsOnly(Status.Code.RESOURCE_EXHAUSTED);
        } finally {
            channels.forEach(ManagedChannel::shutdownNow);
        }
    }

    private static StreamObserver<HealthCheckResponse> adding(List<ServingStatus> seen) {
        return new StreamObserver<>() {
            @Override
            public void onNext(HealthCheckResponse response) {
                seen.add(response.getStatus());
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {}
        };
    }

    @Test
    void a_peer_that_had_to_stop_says_why() throws Exception {
        try (HoldfastNode node = HoldfastNode.builder().dataFolder(folder).start()) {
            assertThat(node.awaitReady(LocalCluster.PATIENCE)).isTrue();
            node.group(0).replica().measureWith((batch, applied, nanos) -> {
                throw new IllegalStateException("a bug");
            });
            var unused = node.client()
                    .createLock()
                    .acquireAsync(
                            Holdfast.createLockOwner("user").of("alice"),
                            Holdfast.createLockable("job").of(),
                            AcquireOptions.defaults());

            await().atMost(LocalCluster.PATIENCE).until(() -> !node.health().live());
            assertThat(node.health().problems())
                    .singleElement()
                    .asString()
                    .startsWith("it stopped: its log cannot be written or applied.");
        }
    }

    @Test
    void a_peer_that_waits_for_others_is_live_and_says_for_whom_it_waits() throws Exception {
        List<Member> members = LocalCluster.members(3);
        try (HoldfastNode node = HoldfastNode.builder()
                .id("a")
                .members(members)
                .dataFolder(folder)
                .start()) {
            await().atMost(LocalCluster.PATIENCE)
                    .untilAsserted(() -> assertThat(node.health().problems())
                            .singleElement()
                            .asString()
                            .contains("b, c are missing"));
            assertThat(node.health().live()).isTrue();
        }
    }
}
